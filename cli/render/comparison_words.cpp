#include "render/comparison_words.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "render/format.h"
#include "render/words.h"

namespace vtlab::render {
namespace {

using result::Against;
using result::Comparison;
using result::Difference;
using result::Estimate;
using result::Quantity;

// The two directions of a quantity in words.
struct Direction {
  std::string_view lower, higher;
  bool names_itself;  // "is 2× faster than" needs no title
};

Direction direction(const Quantity& quantity) {
  if (quantity.unit == "ns") return {"faster", "slower", true};
  if (quantity.unit.starts_with("count")) return {"fewer", "more", false};
  return {"less", "more", false};
}

std::string_view word_of(const Quantity& quantity, Difference difference) {
  const Direction words = direction(quantity);
  return difference == Difference::lower ? words.lower : words.higher;
}

// How many times as much the larger of the two is.
std::string factor_of(const Against& against) {
  if (!against.ratio) return {};
  const double low = against.interval ? against.interval->low : *against.ratio;
  const double high = against.interval ? against.interval->high : *against.ratio;
  if (low <= 0) return {};
  return against.difference == Difference::lower ? format_factor(1 / high, 1 / low)
                                                 : format_factor(low, high);
}

const Estimate* baseline_of(const Comparison& comparison, const Quantity& quantity,
                            const Estimate& estimate) {
  for (const result::Size& size : quantity.sizes) {
    const bool here = std::any_of(size.estimates.begin(), size.estimates.end(),
                                  [&](const Estimate& other) { return &other == &estimate; });
    for (const Estimate& other : size.estimates)
      if (here && other.contender == comparison.baseline) return &other;
  }
  return nullptr;
}

std::string extremes(const Quantity& quantity, const Estimate& estimate) {
  const auto [low, high] = std::minmax_element(estimate.values.begin(), estimate.values.end());
  if (low == estimate.values.end()) return "–";
  return format_range(*low, *high, quantity.unit);
}

std::string latency_kind(const Quantity& quantity) {
  return quantity.key == "wall_ns" ? "" : " in " + one_line(quantity.title);
}

}  // namespace

std::string comparison_title(const Comparison& comparison) {
  std::vector<std::string> parts;
  std::vector<std::uint64_t> sizes;
  if (!comparison.quantities.empty())
    for (const result::Size& size : comparison.quantities.front().sizes)
      sizes.push_back(size.tasks);
  if (sizes.size() == 1) parts.push_back(plural(sizes.front(), "unit"));
  if (sizes.size() > 1)
    parts.push_back(format_count(sizes.front()) + "–" + format_count(sizes.back()) + " units");
  for (const result::Param& param : comparison.params)
    if (param.key != "seed") parts.push_back(sentence_part(param));
  parts.push_back(plural(comparison.rounds, "round"));
  if (comparison.warm_up)
    parts.back() += " after " + format_count(comparison.warm_up) + " to warm up";
  for (const result::Param& param : comparison.params)
    if (param.key == "seed") parts.push_back(sentence_part(param));
  return one_line(comparison.scenario) + " — " + join(parts, ", ");
}

std::string verdict_in_short(const Quantity& quantity, const Against& against) {
  if (against.difference == Difference::none_shown)
    return quantity.counted ? "same count" : "no difference";
  const std::string factor = factor_of(against);
  return (factor.empty() ? "" : factor + " ") + std::string(word_of(quantity, against.difference));
}

std::string verdict_sentence(const Comparison& comparison, const Quantity& quantity,
                             const Estimate& estimate) {
  const Estimate* baseline = baseline_of(comparison, quantity, estimate);
  if (!estimate.against || !baseline) return {};
  const Against& against = *estimate.against;
  const std::string name = one_line(estimate.contender), other = one_line(baseline->contender);
  const std::string title = one_line(quantity.title);
  const std::string both =
      extremes(quantity, estimate) + " against " + extremes(quantity, *baseline);
  if (against.difference == Difference::none_shown && quantity.counted)
    return name + " and " + other +
           (extremes(quantity, estimate) == extremes(quantity, *baseline)
                ? " have the same " + title + ": " + extremes(quantity, estimate)
                : ": their " + title + " overlap, " + both);
  if (against.difference == Difference::none_shown) {
    std::string why = one_line(against.because);
    if (why.empty() && against.interval) {
      const std::string low = format_number(against.interval->low),
                        high = format_number(against.interval->high);
      why = low == high ? "the ratio is " + low
                        : "the ratio may be anything from " + low + " to " + high;
    }
    return "no difference can be shown between " + name + " and " + other +
           (why.empty() ? "" : ": " + why);
  }
  const std::string factor = factor_of(against);
  const std::string word(word_of(quantity, against.difference));
  const std::string how = factor.empty() ? word : factor + " " + word;
  const std::string certain = quantity.counted ? ", in every run: " + both
                              : factor.empty() ? ": " + both
                                               : "";
  if (direction(quantity).names_itself)
    return name + " is " + how + " than " + other + latency_kind(quantity) + certain;
  return name + ": " + how + " " + title + " than " + other + certain;
}

std::string value_of(const Quantity& quantity, double value) {
  return format_value(value, quantity.unit);
}

std::string interval_of(const Quantity& quantity, const Estimate& estimate) {
  const auto unless_median = [&](const std::string& text) {
    return text == value_of(quantity, estimate.median.value_or(0)) ? "" : text;
  };
  if (estimate.interval)
    return unless_median(
        format_range(estimate.interval->low, estimate.interval->high, quantity.unit));
  const std::string all = unless_median(extremes(quantity, estimate));
  return all.empty() || estimate.values.empty() ? "" : "(" + all + ")";
}

std::string growth_sentence(const Quantity& quantity, const result::Growth& growth) {
  const std::string unit = quantity.unit.substr(0, quantity.unit.find("/unit"));
  const bool flat = growth.per_unit_interval && growth.per_unit_interval->low <= 0 &&
                    growth.per_unit_interval->high >= 0;
  const auto cost = [&](double value) {
    const std::string text = format_value(std::abs(value), unit);
    return value < 0 ? "-" + text : text;
  };
  std::string out = one_line(growth.contender) + ": each further unit adds ";
  if (growth.per_unit_interval && growth.per_unit_interval->low > 0)
    out += format_range(growth.per_unit_interval->low, growth.per_unit_interval->high, unit);
  else
    out += cost(growth.per_unit);
  if (flat)
    out += " (that it adds anything cannot be shown: " + cost(growth.per_unit_interval->low) +
           " to " + cost(growth.per_unit_interval->high) + ")";
  if (growth.power) {
    const double factor = std::pow(10.0, *growth.power);
    out += "; ten times the units make it " + format_factor(factor, factor);
  }
  return out;
}

std::string stop_sentence(const result::Stop& stop) {
  return one_line(stop.contender) + " stops before " + plural(stop.tasks, "unit") + ": " +
         reason(stop.because);
}

std::vector<std::string> outlier_sentences(const Comparison& comparison) {
  struct Found {
    std::string where, because;
    std::vector<std::string> values;
  };
  std::map<std::string, std::size_t> place;
  std::vector<Found> all;
  for (const Quantity& quantity : comparison.quantities) {
    for (const result::Size& size : quantity.sizes) {
      for (const Estimate& estimate : size.estimates) {
        for (const result::Outlier& outlier : estimate.outliers) {
          std::string where =
              one_line(estimate.contender) + " in round " + format_count(outlier.round);
          if (quantity.sizes.size() > 1) where += " of " + plural(size.tasks, "unit");
          const auto [at, fresh] = place.emplace(where + "\n" + outlier.because, all.size());
          if (fresh) all.push_back({where, reason(outlier.because), {}});
          all[at->second].values.push_back(one_line(quantity.title) + " " +
                                           value_of(quantity, outlier.value) + ", mostly " +
                                           value_of(quantity, estimate.median.value_or(0)));
        }
      }
    }
  }
  std::vector<std::string> sentences;
  for (const Found& found : all)
    sentences.push_back(found.where + " (" + join(found.values, "; ") +
                        "). Likely cause: " + found.because);
  return sentences;
}

std::vector<std::string> missing_sentences(const Quantity& quantity) {
  std::vector<std::pair<std::string, std::vector<std::string>>> reasons;
  for (const result::Size& size : quantity.sizes) {
    for (const Estimate& estimate : size.estimates) {
      if (estimate.median) continue;
      const std::string because = reason(estimate.missing_because);
      auto known = std::find_if(reasons.begin(), reasons.end(),
                                [&](const auto& entry) { return entry.first == because; });
      if (known == reasons.end()) known = reasons.insert(reasons.end(), {because, {}});
      known->second.push_back(one_line(estimate.contender));
    }
  }
  std::vector<std::string> sentences;
  for (const auto& [because, names] : reasons)
    sentences.push_back(listed_once(names) + ": not observed: " + because);
  return sentences;
}

std::string comparison_legend(const Comparison& comparison) {
  const bool few = std::any_of(
      comparison.quantities.begin(), comparison.quantities.end(), [](const Quantity& quantity) {
        return std::any_of(
            quantity.sizes.begin(), quantity.sizes.end(), [&](const result::Size& size) {
              return std::any_of(
                  size.estimates.begin(), size.estimates.end(),
                  [&](const Estimate& e) { return e.median && !e.interval && !quantity.counted; });
            });
      });
  const std::string percent = format_number(std::round(comparison.confidence * 100)) + " %";
  std::string text = "Medians";
  text += few ? "; in brackets lowest–highest, because so few rounds give no interval of " +
                    percent + "."
              : " with their " + percent + " intervals.";
  text += comparison.paired
              ? " Ratios are of runs of the same round, and their medians have intervals of " +
                    percent + ", too."
              : " Ratios are of runs that were made apart.";
  return text + " Where a difference is named, chance alone would name one in at most 1 of " +
         format_number(std::round(1 / std::max(0.001, 1 - comparison.confidence))) +
         " comparisons of equals.";
}

}  // namespace vtlab::render
