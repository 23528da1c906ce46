// comparison.cpp — a comparison on the terminal: each quantity with a drawing, then what may be said of it.
#include "render/comparison.h"

#include <algorithm>
#include <cmath>

#include "render/comparison_words.h"
#include "render/detail.h"
#include "render/format.h"
#include "render/words.h"

namespace vtlab::render {
namespace {

using result::Comparison;
using result::Estimate;
using result::Quantity;

constexpr std::size_t kNarrowest = 60, kWidestName = 18;
constexpr std::size_t kMedian = 11, kInterval = 19;

class Printer {
 public:
  Printer(const Comparison& comparison, std::size_t width)
      : comparison_(comparison), out_(std::max(width, kNarrowest)) {
    for (const result::Contender& contender : comparison.contenders)
      name_width_ = std::max(name_width_, display_width(one_line(contender.name)));
    name_width_ = std::min(name_width_, kWidestName);
  }

  std::vector<Line> print() {
    out_.paragraph("", comparison_title(comparison_), Tone::strong);
    for (const std::string& line : setting_lines(comparison_.host, comparison_.observer))
      if (!line.empty()) out_.paragraph("", line, Tone::dim);
    out_.add("");
    for (const result::Contender& contender : comparison_.contenders)
      out_.add(shorten("  " + pad_right(short_name(contender.name), name_width_) + "  " +
                           one_line(contender.title) +
                           (contender.name == comparison_.baseline ? " (the baseline)" : ""),
                       out_.width()));
    if (comparison_.quantities.empty()) blank_and("Nothing was measured.");
    for (const Quantity& quantity : comparison_.quantities) {
      out_.add("");
      if (quantity.sizes.size() > 1)
        matrix(quantity);
      else
        drawing(quantity);
      verdicts(quantity);
      for (const std::string& sentence : missing_sentences(quantity))
        out_.bullet("–", sentence, Tone::dim);
    }
    out_.list("Where modes stop", stops());
    out_.list("Runs that stand apart", outlier_sentences(comparison_));
    std::vector<std::string> notes;
    for (const std::string& note : comparison_.notes) notes.push_back(one_line(note));
    out_.list("Notes", notes);
    out_.list("Not run", skipped());
    if (!comparison_.quantities.empty()) {
      out_.add("");
      out_.paragraph("", comparison_legend(comparison_), Tone::dim);
    }
    if (comparison_.partial) {
      out_.add("");
      out_.paragraph("! ",
                     "PARTIAL  This is not everything that was asked for: " +
                         reason(comparison_.partial_because),
                     Tone::warning);
    }
    return out_.take();
  }

 private:
  std::string short_name(const std::string& name) const {
    return shorten(one_line(name), kWidestName);
  }

  void blank_and(const std::string& text) {
    out_.add("");
    out_.add(text);
  }

  std::vector<std::string> stops() const {
    std::vector<std::string> sentences;
    for (const result::Stop& stop : comparison_.stops) sentences.push_back(stop_sentence(stop));
    return sentences;
  }

  std::vector<std::string> skipped() const {
    std::vector<std::string> sentences;
    for (const result::Skip& skip : comparison_.skipped)
      sentences.push_back(one_line(skip.mode) + ": " + reason(skip.because));
    return sentences;
  }

  // ---- one size: every contender with its runs drawn to scale ----

  static double highest(const result::Size& size) {
    double most = 0;
    for (const Estimate& estimate : size.estimates)
      for (const double value : estimate.values) most = std::max(most, value);
    return most;
  }

  // "    ····│──•──│···": all runs, the interval, the median; the axis begins at 0.
  static std::string dots(const Estimate& estimate, double most, std::size_t width) {
    if (estimate.values.empty() || most <= 0) return std::string(width, ' ');
    std::vector<std::string_view> cells(width, " ");
    const auto at = [&](double value) {
      const double share = std::clamp(value / most, 0.0, 1.0);
      return static_cast<std::size_t>(std::llround(share * static_cast<double>(width - 1)));
    };
    const auto fill = [&](double low, double high, std::string_view inner, std::string_view end) {
      for (std::size_t i = at(low); i <= at(high); ++i) cells[i] = inner;
      cells[at(low)] = cells[at(high)] = end;
    };
    const auto [low, high] = std::minmax_element(estimate.values.begin(), estimate.values.end());
    fill(*low, *high, "·", "·");
    if (estimate.interval) fill(estimate.interval->low, estimate.interval->high, "─", "│");
    cells[at(*estimate.median)] = "•";
    std::string text;
    for (const std::string_view cell : cells) text += cell;
    return text;
  }

  void drawing(const Quantity& quantity) {
    const std::size_t left = 2 + name_width_ + 2;
    const std::size_t width = std::min<std::size_t>(out_.width() - left - kMedian - kInterval, 40);
    const std::string columns =
        pad_left("median", kMedian) + pad_left(quantity.counted ? "" : "interval", kInterval);
    out_.add(pad_right(one_line(quantity.title), left + width) + columns, Tone::heading);
    for (const result::Size& size : quantity.sizes) {
      const double most = highest(size);
      for (const Estimate& estimate : size.estimates)
        out_.add("  " + pad_right(short_name(estimate.contender), name_width_) + "  " +
                 dots(estimate, most, width) +
                 pad_left(estimate.median ? value_of(quantity, *estimate.median) : "–", kMedian) +
                 pad_left(interval_of(quantity, estimate), kInterval));
    }
  }

  void verdicts(const Quantity& quantity) {
    if (quantity.sizes.empty()) return;
    for (const result::Growth& growth : quantity.growth)
      out_.bullet("→", growth_sentence(quantity, growth));
    // Of a sweep the largest size that the two of them reached: there the difference matters most.
    for (const result::Contender& contender : comparison_.contenders) {
      for (auto size = quantity.sizes.rbegin(); size != quantity.sizes.rend(); ++size) {
        const auto estimate =
            std::find_if(size->estimates.begin(), size->estimates.end(),
                         [&](const Estimate& e) { return e.contender == contender.name; });
        if (estimate == size->estimates.end() || !estimate->against) continue;
        const std::string at =
            quantity.sizes.size() > 1 ? "at " + plural(size->tasks, "unit") + " " : "";
        out_.bullet(estimate->against->difference == result::Difference::none_shown ? "?" : "→",
                    at + verdict_sentence(comparison_, quantity, *estimate));
        break;
      }
    }
  }

  // ---- a sweep: sizes below each other, contenders side by side ----

  void matrix(const Quantity& quantity) {
    const std::size_t label = 18, cell = std::max<std::size_t>(name_width_ + 2, 12);
    const std::size_t at_once = std::max<std::size_t>(1, (out_.width() - label) / cell);
    const std::size_t all = comparison_.contenders.size();
    for (std::size_t first = 0; first < all; first += at_once) {
      const std::size_t last = std::min(all, first + at_once);
      std::string head =
          pad_right(first ? "" : shorten(one_line(quantity.title), label - 1), label);
      // A long title has a line of its own.
      if (!first && display_width(one_line(quantity.title)) >= label) {
        out_.add(one_line(quantity.title), Tone::heading);
        head = std::string(label, ' ');
      }
      for (std::size_t i = first; i < last; ++i)
        head += pad_left(short_name(comparison_.contenders[i].name), cell);
      out_.add(head, Tone::heading);
      for (const result::Size& size : quantity.sizes) {
        std::string row = pad_left(plural(size.tasks, "unit"), label - 1) + " ";
        for (std::size_t i = first; i < last && i < size.estimates.size(); ++i) {
          const Estimate& estimate = size.estimates[i];
          row += pad_left(estimate.median ? value_of(quantity, *estimate.median) : "–", cell);
        }
        out_.add(row);
      }
    }
  }

  const Comparison& comparison_;
  LinePrinter out_;
  std::size_t name_width_ = 0;
};

}  // namespace

std::string comparison_table(const Comparison& comparison, const Options& options) {
  return painted(Printer(comparison, options.width).print(), options);
}

}  // namespace vtlab::render
