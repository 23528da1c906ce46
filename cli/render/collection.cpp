// collection.cpp — a collection on the terminal: a column for each document, or a row for the spread over all of them.
#include "render/collection.h"

#include <algorithm>
#include <cmath>

#include "render/collection_words.h"
#include "render/detail.h"
#include "render/format.h"
#include "render/view.h"
#include "render/words.h"

namespace vtlab::render {
namespace {

using result::CollectedClaim;
using result::CollectedGroup;
using result::CollectedMetric;
using result::CollectedMode;
using result::CollectedValue;
using result::Collection;
using result::Verdict;

constexpr std::size_t kNarrowest = 60, kFewestOfLabel = 22, kMostOfLabel = 30;
constexpr std::size_t kValue = 10, kRatio = 7, kColumn = kValue + kRatio;  // of a document
constexpr std::size_t kCount = 4, kSpread = 10;                            // merged

class Printer {
 public:
  Printer(const Collection& collection, std::size_t width)
      : collection_(collection), names_(names_of(collection)), out_(std::max(width, kNarrowest)) {
    per_table_ = std::max<std::size_t>(1, (out_.width() - kFewestOfLabel) / kColumn);
  }

  std::vector<Line> print() {
    out_.paragraph("", collection_title(collection_), Tone::strong);
    out_.paragraph("  ", join(names_, ", "));
    circumstances();
    for (const CollectedGroup& group : collection_.groups)
      if (is_shared(group, collection_)) print(group);
    claims("Claims over several results", collection_.claims);
    out_.list("What has nothing beside it", alone_sentences(collection_, names_));
    std::vector<std::string> left_out;
    for (const result::LeftOut& one : collection_.left_out)
      left_out.push_back(one_line(one.file) + ": " + reason(one.because));
    out_.list("Left out", left_out);
    std::vector<std::string> notes;
    for (const std::string& note : collection_.notes) notes.push_back(one_line(note));
    out_.list("Notes", notes);
    if (const std::string legend = collection_legend(collection_); !legend.empty()) {
      out_.add("");
      out_.paragraph("", legend, Tone::dim);
    }
    return out_.take();
  }

 private:
  void circumstances() {
    if (collection_.differ.empty()) return;
    if (collection_.merged) {
      std::vector<std::string> sentences;
      for (const result::Circumstance& one : collection_.differ)
        sentences.push_back(circumstance_sentence(one, names_));
      out_.list("Where they differ", sentences);
      return;
    }
    for (std::size_t from = 0; from < names_.size(); from += per_table_) {
      out_.add("");
      heading("Where they differ", from);
      for (const result::Circumstance& one : collection_.differ) {
        std::string right;
        for (std::size_t i = from; i < end_of(from); ++i)
          right += pad_left(
              shorten(i < one.values.size() ? one_line(one.values[i]) : "", kColumn - 1), kColumn);
        out_.row("  " + one_line(one.title), right);
      }
    }
  }

  std::size_t end_of(std::size_t from) const { return std::min(from + per_table_, names_.size()); }

  void heading(const std::string& title, std::size_t from) {
    std::string right;
    for (std::size_t i = from; i < end_of(from); ++i)
      right += pad_left(shorten(names_[i], kColumn - 1), kColumn);
    out_.row(title, right, Tone::heading);
  }

  void print(const CollectedGroup& group) {
    out_.add("");
    out_.paragraph("", group_title(group), Tone::strong);
    for (const CollectedMode& mode : group.modes) {
      const std::string title = mode_title(mode).empty() ? "what was counted" : mode_title(mode);
      if (collection_.merged)
        spreads(title, mode);
      else
        for (std::size_t from = 0; from < names_.size(); from += per_table_)
          columns(title, mode, from);
      for (const std::string& sentence : missing_sentences(mode, names_))
        out_.bullet("–", sentence, Tone::dim);
      if (collection_.merged)
        for (const std::string& sentence : apart_sentences(mode, names_))
          out_.bullet("!", "apart: " + sentence);
      else
        for (const std::string& sentence : verdict_sentences(mode, names_))
          out_.bullet("→", sentence);
      for (const CollectedClaim& claim : mode.claims) print(claim);
    }
  }

  // ---- a column for each document ----

  static std::string cell(const CollectedMetric& metric, std::size_t document) {
    for (const CollectedValue& value : metric.values) {
      if (value.document != document) continue;
      if (!value.value) return pad_left("–", kValue) + std::string(kRatio, ' ');
      return pad_left(shorten(value_text(metric, *value.value), kValue - 1), kValue) +
             pad_left(shorten(ratio_of(value), kRatio - 1), kRatio);
    }
    return std::string(kColumn, ' ');  // this document has not run the mode
  }

  void columns(const std::string& title, const CollectedMode& mode, std::size_t from) {
    out_.add("");
    heading(title, from);
    for (const CollectedMetric& metric : mode.metrics) {
      if (!metric.median) continue;
      std::string right;
      for (std::size_t i = from; i < end_of(from); ++i) right += cell(metric, i);
      out_.row("  " + one_line(metric.title), right);
    }
  }

  // ---- a row for each metric ----

  std::size_t room_to_draw() const {
    const std::size_t taken = label_width() + kCount + 3 * kSpread;
    return out_.width() > taken + 8 ? out_.width() - taken - 1 : 0;
  }

  std::size_t label_width() const {
    return std::min(kMostOfLabel, out_.width() - kCount - 3 * kSpread);
  }

  static std::string drawing(const CollectedMetric& metric, std::size_t width) {
    std::vector<double> values;
    for (const CollectedValue& value : metric.values)
      if (value.value) values.push_back(*value.value);
    if (width == 0 || values.empty() || *metric.least < 0 || *metric.most <= 0) return {};
    std::sort(values.begin(), values.end());
    const auto column = [&](double value) {
      return static_cast<std::size_t>(
          std::lround(value / *metric.most * static_cast<double>(width - 1)));
    };
    std::vector<std::string> cells(width, " ");
    if (values.size() >= 4)
      for (std::size_t i = column(values[values.size() / 4]);
           i <= column(values[values.size() * 3 / 4]); ++i)
        cells[i] = "─";
    for (const double value : values) cells[column(value)] = "·";
    cells[column(*metric.median)] = "•";
    return " " + join_cells(cells);
  }

  static std::string join_cells(const std::vector<std::string>& cells) {
    std::string out;
    for (const std::string& cell : cells) out += cell;
    return out;
  }

  std::string spread_line(const std::string& label, const std::string& count,
                          const std::string& least, const std::string& median,
                          const std::string& most) const {
    return pad_right(shorten(label, label_width() - 1), label_width()) + pad_left(count, kCount) +
           pad_left(least, kSpread) + pad_left(median, kSpread) + pad_left(most, kSpread);
  }

  void spreads(const std::string& title, const CollectedMode& mode) {
    out_.add("");
    const bool fits = display_width(title) < label_width();
    out_.add(spread_line(fits ? title : one_line(mode.name), "n", "least", "median", "most"),
             Tone::heading);
    for (const CollectedMetric& metric : mode.metrics) {
      if (!metric.median) continue;
      const auto there = std::count_if(metric.values.begin(), metric.values.end(),
                                       [](const auto& value) { return value.value.has_value(); });
      const auto text = [&](double value) {
        return shorten(value_text(metric, value), kSpread - 1);
      };
      out_.add(spread_line("  " + one_line(metric.title),
                           format_count(static_cast<std::uint64_t>(there)), text(*metric.least),
                           text(*metric.median), text(*metric.most)) +
               drawing(metric, room_to_draw()));
    }
  }

  // ---- claims ----

  void print(const CollectedClaim& claim) {
    const Verdict verdict = verdict_of(claim);
    out_.bullet(verdict_sign(verdict), one_line(claim.id) + "  " + claim_sentence(claim, names_),
                verdict == Verdict::refuted ? Tone::warning : Tone::plain);
  }

  void claims(const std::string& title, const std::vector<CollectedClaim>& all) {
    if (all.empty()) return;
    out_.add("");
    out_.add(title, Tone::heading);
    for (const CollectedClaim& claim : all) print(claim);
  }

  const Collection& collection_;
  const Names names_;
  LinePrinter out_;
  std::size_t per_table_ = 1;
};

}  // namespace

std::string collection_table(const Collection& collection, const Options& options) {
  return painted(Printer(collection, options.width).print(), options);
}

}  // namespace vtlab::render
