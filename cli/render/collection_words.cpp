#include "render/collection_words.h"

#include <algorithm>
#include <map>

#include "render/comparison_words.h"
#include "render/format.h"
#include "render/view.h"
#include "render/words.h"

namespace vtlab::render {

using result::Against;
using result::CollectedClaim;
using result::CollectedGroup;
using result::CollectedMetric;
using result::CollectedMode;
using result::CollectedValue;
using result::CollectedVerdict;
using result::Collection;
using result::Difference;
using result::Verdict;

namespace {

constexpr std::size_t kMostNames = 8;

// "ann, bob, carl and 3 others"
std::string some(const std::vector<std::string>& names) {
  if (names.size() <= kMostNames) return join(names, ", ");
  const std::vector<std::string> first(names.begin(), names.begin() + kMostNames);
  return join(first, ", ") + " and " + plural(names.size() - kMostNames, "other");
}

// The words of comparisons are of a quantity.
result::Quantity quantity_of(const CollectedMetric& metric) {
  return {metric.key, metric.title, metric.unit, {}, metric.counted, {}, {}};
}

}  // namespace

Names names_of(const Collection& collection) {
  Names names;
  for (const result::CollectedDocument& one : collection.documents)
    names.push_back(one_line(one.name));
  return names;
}

std::string collection_title(const Collection& collection) {
  return plural(collection.documents.size(), "saved document") +
         (collection.merged ? ", merged" : ", side by side");
}

std::string circumstance_sentence(const result::Circumstance& circumstance, const Names& names) {
  std::map<std::string, std::vector<std::string>> who;
  for (std::size_t i = 0; i < circumstance.values.size() && i < names.size(); ++i)
    who[one_line(circumstance.values[i])].push_back(names[i]);
  std::vector<std::pair<std::string, std::vector<std::string>>> most(who.begin(), who.end());
  std::stable_sort(most.begin(), most.end(),
                   [](const auto& a, const auto& b) { return a.second.size() > b.second.size(); });
  const std::string title = one_line(circumstance.title) + ": ";
  // Times differ everywhere; they are texts that sort.
  if (most.size() > 4)
    return title + plural(most.size(), "value") + " from " + who.begin()->first + " to " +
           who.rbegin()->first;
  std::vector<std::string> parts;
  for (const auto& [value, of] : most)
    parts.push_back((value.empty() ? "not said" : value) + " on " + format_count(of.size()) +
                    (&of == &most.front().second ? "" : " (" + some(of) + ")"));
  return title + join(parts, ", ");
}

std::string group_title(const CollectedGroup& group) {
  if (group.scenario.empty()) return "observed: " + one_line(group.observed);
  std::vector<std::string> parts;
  for (const result::Param& param : group.params) parts.push_back(sentence_part(param));
  const std::string params = join(parts, ", ");
  return one_line(group.scenario) + (params.empty() ? "" : " — " + params);
}

std::string mode_title(const CollectedMode& mode) {
  if (mode.name.empty()) return {};
  return one_line(mode.name) + (mode.title.empty() ? "" : ": " + one_line(mode.title));
}

bool is_shared(const CollectedGroup& group, const Collection& collection) {
  return group.documents.size() > 1 || collection.documents.size() == 1;
}

std::vector<std::string> alone_sentences(const Collection& collection, const Names& names) {
  std::vector<std::string> out;
  for (const CollectedGroup& group : collection.groups) {
    if (is_shared(group, collection) || group.documents.empty()) continue;
    std::vector<std::string> modes;
    for (const CollectedMode& mode : group.modes) modes.push_back(one_line(mode.name));
    const std::string in = join(modes, ", ");
    out.push_back("only " + names[group.documents.front()] + " has " + group_title(group) +
                  (in.empty() ? "" : " (" + in + ")"));
  }
  return out;
}

std::vector<std::string> missing_sentences(const CollectedMode& mode, const Names& names) {
  // Many metrics can be missing for one reason: it is said once.
  std::vector<std::pair<std::string, std::vector<std::string>>> reasons;
  for (const CollectedMetric& metric : mode.metrics) {
    std::map<std::string, std::vector<std::string>> who;
    for (const CollectedValue& value : metric.values)
      if (!value.value) who[reason(value.missing_because)].push_back(names[value.document]);
    for (const auto& [because, of] : who) {
      const std::string key =
          "not observed" + (of.size() == names.size() ? "" : " on " + some(of)) + ": " + because;
      const auto known = std::find_if(reasons.begin(), reasons.end(),
                                      [&](const auto& other) { return other.first == key; });
      if (known == reasons.end())
        reasons.push_back({key, {one_line(metric.title)}});
      else
        known->second.push_back(one_line(metric.title));
    }
  }
  std::vector<std::string> out;
  for (const auto& [key, titles] : reasons) out.push_back(some(titles) + " " + key);
  return out;
}

std::string ratio_of(const CollectedValue& value) {
  if (!value.against || !value.against->ratio) return {};
  return format_factor(*value.against->ratio, *value.against->ratio);
}

std::string value_text(const CollectedMetric& metric, double value) {
  return value_of(quantity_of(metric), value);
}

std::vector<std::string> verdict_sentences(const CollectedMode& mode, const Names& names) {
  std::vector<std::string> out;
  for (const CollectedMetric& metric : mode.metrics) {
    const auto first = std::find_if(metric.values.begin(), metric.values.end(),
                                    [](const auto& value) { return value.value.has_value(); });
    for (const CollectedValue& value : metric.values) {
      if (!value.against || value.against->difference == Difference::none_shown) continue;
      out.push_back(names[value.document] + ": " + one_line(metric.title) + " " +
                    verdict_in_short(quantity_of(metric), *value.against) + " than " +
                    names[first->document]);
    }
  }
  return out;
}

std::vector<std::string> apart_sentences(const CollectedMode& mode, const Names& names) {
  std::vector<std::string> out;
  for (const CollectedMetric& metric : mode.metrics) {
    std::vector<std::string> who;
    for (const CollectedValue& value : metric.values)
      if (value.apart && value.value)
        who.push_back(names[value.document] + " " + value_text(metric, *value.value));
    if (!who.empty())
      out.push_back(one_line(metric.title) + ": " + some(who) + " (mostly " +
                    value_text(metric, metric.median.value_or(0)) + ")");
  }
  return out;
}

std::string claim_sentence(const CollectedClaim& claim, const Names& names) {
  std::vector<std::string> parts;
  const auto part = [&](Verdict verdict, const std::string& words, bool all_names) {
    std::map<std::string, std::vector<std::string>> who;  // by reason
    std::size_t count = 0;
    for (const CollectedVerdict& one : claim.verdicts) {
      if (one.verdict != verdict) continue;
      ++count;
      who[one_line(one.because)].push_back(names[one.document]);
    }
    if (count == 0) return;
    if (!all_names) {
      parts.push_back(words + " on " + format_count(count) + " of " +
                      format_count(claim.verdicts.size()));
      return;
    }
    for (const auto& [because, of] : who)
      parts.push_back(words + " on " + some(of) + (because.empty() ? "" : " (" + because + ")"));
  };
  part(Verdict::holds, "holds", false);
  part(Verdict::refuted, "refuted", true);
  part(Verdict::not_testable_here, "not testable", true);
  return join(parts, "; ");
}

Verdict verdict_of(const CollectedClaim& claim) {
  const auto any = [&](Verdict verdict) {
    return std::any_of(claim.verdicts.begin(), claim.verdicts.end(),
                       [&](const auto& one) { return one.verdict == verdict; });
  };
  if (any(Verdict::refuted)) return Verdict::refuted;
  return any(Verdict::holds) ? Verdict::holds : Verdict::not_testable_here;
}

std::string collection_legend(const Collection& collection) {
  const auto shared = [&](const CollectedGroup& group) { return is_shared(group, collection); };
  if (std::none_of(collection.groups.begin(), collection.groups.end(), shared)) return {};
  if (collection.merged)
    return "Each document counts once: of several repetitions their median. Who stands apart is "
           "more than 3.5 "
           "robust standard deviations and 5 % away from the median of all. In the drawing: each "
           "document (·), the "
           "middle half (─) and the median (•); it begins at 0.";
  return "Factors are to the first document that has a value. An arrow is a difference that "
         "repetitions bear out, or "
         "a count; any other factor says how two runs differed, and not that chance did not do it. "
         "The documents were "
         "not measured in turns: what else the machines did may be part of every difference.";
}

}  // namespace vtlab::render
