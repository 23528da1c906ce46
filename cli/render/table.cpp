// table.cpp — the table on the terminal: modes side by side, then what to think of it.
//
// Rule      Made for a projector: no line is wider than Options::width, columns that do not fit
//           continue in a further table, and nothing is said by colour alone.
#include <algorithm>

#include "render/collection.h"
#include "render/comparison.h"
#include "render/format.h"
#include "render/observed.h"
#include "render/renderer.h"
#include "render/view.h"

namespace vtlab::render {
namespace {

constexpr std::size_t kNarrowest = 60;  // below this the table would be all line breaks
constexpr std::size_t kWidestLabel = 36, kNarrowestLabel = 26;
constexpr std::size_t kGap = 2, kRoomyGap = 4;
constexpr std::size_t kWidestCell = 26;  // the largest 64-bit count fits; names may be cut

Tone tone_of(result::Verdict verdict) {
  switch (verdict) {
    case result::Verdict::holds:
      return Tone::good;
    case result::Verdict::refuted:
      return Tone::bad;
    case result::Verdict::not_testable_here:
      return Tone::warning;
  }
  return Tone::plain;
}

class TablePrinter {
 public:
  TablePrinter(const View& view, const Options& options)
      : view_(view), options_(options), width_(std::max<std::size_t>(options.width, kNarrowest)) {}

  std::string print() {
    if (view_.blocks.empty() && view_.claims.empty()) line("No results.");
    if (!options_.parts.results) print_setting();
    for (const Block& block : view_.blocks) {
      if (!options_.parts.results) break;
      blank();
      print_block(block);
    }
    for (const std::vector<Claim>& group : by_group(view_.claims))
      print_claims(group, heading(group.front()), verdict_width(view_.claims));
    if (options_.parts.results && options_.parts.ledger) print_probes();
    print_list("Notes", view_.notes);
    print_list("Not run", view_.skipped);
    if (!view_.verdicts.empty()) {
      blank();
      line(view_.verdicts, Tone::strong);
    }
    if (!view_.partial.empty()) {
      blank();
      paragraph("! ", view_.partial, Tone::warning);
    }
    return std::move(out_);
  }

 private:
  // ---- lines ----

  std::string paint(const std::string& text, Tone tone) const {
    return render::paint(text, tone, options_);
  }

  void line(const std::string& text, Tone tone = Tone::plain) { out_ += paint(text, tone) + "\n"; }

  void blank() {
    if (!out_.empty()) out_ += "\n";
  }

  // Text wrapped behind a lead, which stands in the first line only: a bullet, a footnote's mark.
  void paragraph(const std::string& lead, const std::string& text, Tone tone = Tone::plain) {
    const std::size_t indent = display_width(lead);
    const std::vector<std::string> lines = wrap(text, width_ - indent);
    for (std::size_t i = 0; i < lines.size(); ++i)
      line((i == 0 ? lead : std::string(indent, ' ')) + lines[i], tone);
  }

  // A name in bold and what is to be said about it, wrapped together.
  void titled(std::size_t indent, const std::string& name, const std::string& rest) {
    const std::vector<std::string> lines = wrap(name + rest, width_ - indent);
    for (std::size_t i = 0; i < lines.size(); ++i) {
      const std::size_t bold = i == 0 && lines[i].starts_with(name) ? name.size() : 0;
      out_ += std::string(indent, ' ');
      out_ +=
          paint(lines[i].substr(0, bold), Tone::strong) + paint(lines[i].substr(bold), Tone::plain);
      out_ += "\n";
    }
  }

  void print_setting(const Block& block) {
    for (const std::string& setting : block.setting)
      if (!setting.empty()) paragraph("", setting, Tone::dim);
  }

  void print_setting() {
    if (!view_.blocks.empty()) print_setting(view_.blocks.front());
  }

  // ---- one scenario ----

  void print_block(const Block& block) {
    if (options_.parts.setting) {
      blank();
      titled(0, block.scenario, block.parameters.empty() ? "" : " — " + block.parameters);
      print_setting(block);
      print_modes(block);
    }
    if (!block.alerts.empty()) blank();
    for (const std::string& alert : block.alerts) paragraph("! ", alert, Tone::warning);
    if (options_.parts.ledger) print_ledger(block);
    for (const DetailView* view : detail_views()) {
      const std::vector<Subject> subjects = subjects_of(*view, block.subjects, options_.parts);
      if (options_.parts.*view->part && !subjects.empty())
        print_lines(view->lines(subjects, width_));
    }
  }

  void print_ledger(const Block& block) {
    print_columns(block);
    print_footnotes(block);
    if (!block.claims.empty()) print_claims(block.claims, "Claims", verdict_width(block.claims));
  }

  void print_lines(const std::vector<Line>& lines) {
    blank();
    for (const Line& each : lines) line(each.text, each.tone);
  }

  void print_modes(const Block& block) {
    std::size_t width = 0;
    std::vector<const Column*> shown;  // a mode may have several columns
    for (const Column& column : block.columns) {
      if (column.title.empty() || std::any_of(shown.begin(), shown.end(), [&](const Column* other) {
            return other->mode == column.mode;
          }))
        continue;
      shown.push_back(&column);
      width = std::max(width, display_width(shorten(column.mode, kWidestCell)));
    }
    if (!shown.empty()) blank();
    for (const Column* column : shown)
      paragraph("  " + pad_right(shorten(column->mode, kWidestCell), width) + "  ", column->title);
  }

  std::string mark(std::size_t footnote) const {
    const std::string digits = format_exact(static_cast<double>(footnote));
    if (options_.ascii) return "(" + digits + ")";
    constexpr std::string_view kSuperscript[] = {"⁰", "¹", "²", "³", "⁴", "⁵", "⁶", "⁷", "⁸", "⁹"};
    std::string out;
    for (const char digit : digits) out += kSuperscript[digit - '0'];
    return out;
  }

  std::string cell_text(const Cell& cell) const {
    return cell.footnote ? "–" + mark(cell.footnote) : shorten(cell.text, kWidestCell);
  }

  enum class Spread { range, percent };

  static std::string spread_text(const Cell& cell, Spread spread) {
    return shorten(spread == Spread::range ? cell.range : cell.spread, kWidestCell);
  }

  std::vector<std::size_t> column_widths(const Block& block, Spread spread) const {
    std::vector<std::size_t> widths;
    for (const Column& column : block.columns)
      widths.push_back(std::max(display_width(shorten(column.mode, kWidestCell)),
                                column.partial ? display_width("partial") : 0));
    for (const Group& group : block.groups)
      for (const Row& row : group.rows)
        for (std::size_t i = 0; i < row.cells.size(); ++i)
          widths[i] = std::max({widths[i], display_width(cell_text(row.cells[i])),
                                display_width(spread_text(row.cells[i], spread))});
    return widths;
  }

  static std::string label_of(const Group& group, const Row& row) {
    return (group.title.empty() ? "" : "  ") + row.label;
  }

  std::size_t label_width(const Block& block) const {
    std::size_t width = 0;
    for (const Group& group : block.groups)
      for (const Row& row : group.rows)
        width = std::max(width, display_width(label_of(group, row)));
    return std::min({width, kWidestLabel, width_ / 2});
  }

  // Columns [first, last) side by side, without the labels.
  static std::size_t columns_width(const std::vector<std::size_t>& widths, std::size_t first,
                                   std::size_t last, std::size_t gap) {
    std::size_t sum = 0;
    for (std::size_t i = first; i < last; ++i) sum += gap + widths[i];
    return sum;
  }

  // One table if that is possible at all: by saying spreads as percentages, by breaking labels.
  void print_columns(const Block& block) {
    const std::size_t count = block.columns.size();
    const std::size_t natural = label_width(block);
    for (const Spread spread : {Spread::range, Spread::percent}) {
      const std::vector<std::size_t> widths = column_widths(block, spread);
      const std::size_t columns = columns_width(widths, 0, count, kGap);
      const std::size_t label = std::min(natural, width_ - std::min(columns, width_));
      if (label < std::min(natural, kNarrowestLabel)) continue;
      print_table(block, {label, widths, 0, count, roomy_gap(label, widths, 0, count), spread});
      print_spread_legend(block, spread);
      return;
    }
    print_several_tables(block, natural);
  }

  void print_several_tables(const Block& block, std::size_t label) {
    const std::size_t count = block.columns.size();
    const std::vector<std::size_t> widths = column_widths(block, Spread::percent);
    const auto end_of = [&](std::size_t first, std::size_t most) {
      std::size_t last = first + 1;
      while (last < count && last - first < most &&
             label + columns_width(widths, first, last + 1, kGap) <= width_)
        ++last;
      return last;
    };
    std::size_t tables = 0;
    for (std::size_t first = 0; first < count; first = end_of(first, count)) ++tables;
    const std::size_t even = (count + tables - 1) / tables;  // rather 3 + 3 columns than 5 + 1
    for (std::size_t first = 0; first < count;) {
      const std::size_t last = end_of(first, even);
      print_table(block, {label, widths, first, last, roomy_gap(label, widths, first, last),
                          Spread::percent});
      first = last;
    }
    print_spread_legend(block, Spread::percent);
  }

  std::size_t roomy_gap(std::size_t label, const std::vector<std::size_t>& widths,
                        std::size_t first, std::size_t last) const {
    std::size_t gap = kGap;
    while (gap < kRoomyGap && label + columns_width(widths, first, last, gap + 1) <= width_) ++gap;
    return gap;
  }

  struct Layout {
    std::size_t label;
    std::vector<std::size_t> widths;
    std::size_t first, last, gap;
    Spread spread;
  };

  template <class F>
  std::string across(const Layout& at, Tone tone, F text_of) const {
    std::string out;
    for (std::size_t i = at.first; i < at.last; ++i) {
      const std::string text = text_of(i);
      const std::size_t used = display_width(text);
      out += std::string(at.gap + at.widths[i] - std::min(used, at.widths[i]), ' ');
      out += paint(text, tone);
    }
    out.erase(out.find_last_not_of(' ') + 1);
    return out;
  }

  void print_table(const Block& block, const Layout& at) {
    const std::string margin(at.label, ' ');
    blank();
    out_ += margin +
            across(at, Tone::strong,
                   [&](std::size_t i) { return shorten(block.columns[i].mode, kWidestCell); }) +
            "\n";
    if (std::any_of(block.columns.begin(), block.columns.end(),
                    [](const Column& column) { return column.partial; }))
      out_ += margin +
              across(at, Tone::warning,
                     [&](std::size_t i) {
                       return std::string(block.columns[i].partial ? "partial" : "");
                     }) +
              "\n";
    std::string rule;
    for (std::size_t i = at.label + columns_width(at.widths, at.first, at.last, at.gap); i > 0; --i)
      rule += "─";
    line(rule, Tone::dim);
    for (const Group& group : block.groups) {
      if (group.setting && !options_.parts.setting) continue;
      if (!group.title.empty()) line(group.title, Tone::heading);
      for (const Row& row : group.rows) print_row(label_of(group, row), row, at);
    }
  }

  void print_row(const std::string& label, const Row& row, const Layout& at) {
    const std::size_t indent = label.find_first_not_of(' ');
    std::vector<std::string> lines = wrap(label, at.label - indent);
    const std::string spreads =
        across(at, Tone::dim, [&](std::size_t i) { return spread_text(row.cells[i], at.spread); });
    if (!spreads.empty() && lines.size() < 2) lines.emplace_back();
    const Tone strong = row.total ? Tone::strong : Tone::plain;
    const std::string values =
        across(at, strong, [&](std::size_t i) { return cell_text(row.cells[i]); });
    for (std::size_t i = 0; i < lines.size(); ++i) {
      std::string text = std::string(indent, ' ') + pad_right(lines[i], at.label - indent);
      const std::string& cells = i == 0 ? values : i == 1 ? spreads : std::string();
      if (cells.empty()) text.erase(text.find_last_not_of(' ') + 1);
      out_ += paint(text, strong) + cells + "\n";
    }
  }

  void print_spread_legend(const Block& block, Spread spread) {
    if (block.repetitions.empty()) return;
    blank();
    paragraph("",
              "Medians of " + block.repetitions + " repetitions. Below each: lowest–highest" +
                  (spread == Spread::percent ? ", or ± the distance of the farthest" : "") +
                  "; nothing where all agree.",
              Tone::dim);
  }

  void print_footnotes(const Block& block) {
    if (!block.footnotes.empty()) blank();
    for (std::size_t i = 0; i < block.footnotes.size(); ++i)
      paragraph("–" + mark(i + 1) + " ",
                "not observed (" + block.footnotes[i].modes + "): " + block.footnotes[i].because);
  }

  // ---- what to think of it ----

  static std::size_t verdict_width(const std::vector<Claim>& claims) {
    std::size_t width = 0;
    for (const Claim& claim : claims)
      width = std::max(width, display_width(verdict_word(claim.verdict)));
    return width;
  }

  void print_claims(const std::vector<Claim>& claims, const std::string& title, std::size_t word) {
    blank();
    line(title, Tone::heading);
    std::size_t mode = 0;
    for (const Claim& claim : claims)
      mode = std::max(mode, display_width(shorten(claim.mode, kWidestCell)));
    for (const Claim& claim : claims) {
      std::string rest = "  ";
      if (mode) rest += pad_right(shorten(claim.mode, kWidestCell), mode) + "  ";
      const std::string verdict =
          "  " + verdict_sign(claim.verdict) + " " + pad_right(verdict_word(claim.verdict), word);
      out_ += paint(verdict, tone_of(claim.verdict)) + paint(rest, Tone::plain);
      const std::size_t used = display_width(verdict + rest);
      const std::string id = shorten(claim.id, width_ - used);
      out_ += paint(id, Tone::strong);
      print_at_right(claim.where, used + display_width(id));
      if (!claim.statement.empty()) paragraph("      ", claim.statement, Tone::dim);
      paragraph("      ", claim.because);
    }
  }

  static std::string asked_by(const Probe& probe) {
    return probe.rung.empty() ? "not attached" : probe.rung + " " + probe.hook;
  }

  // Ends the line; the text at its end, if there is room for it.
  void print_at_right(const std::string& text, std::size_t used) {
    const std::size_t wide = display_width(text);
    if (wide == 0 || used + wide + kGap > width_) return line("");
    line(std::string(width_ - used - wide, ' ') + text, Tone::dim);
  }

  void print_probes() {
    if (view_.probes.empty()) return;
    blank();
    line("Probes", Tone::heading);
    std::size_t name = 0, hook = 0;
    for (const Probe& probe : view_.probes) {
      name = std::max(name, display_width(probe.counter));
      hook = std::max(hook, display_width(asked_by(probe)));
    }
    for (const Probe& probe : view_.probes) {
      std::string meaning = probe.meaning.empty() ? probe.question + "?" : "1 = " + probe.meaning;
      if (!probe.only_for.empty()) meaning += " (" + probe.only_for + ")";
      const std::string lead =
          "  " + pad_right(probe.counter, name) + "  " + pad_right(asked_by(probe), hook) + "  ";
      // Where hooks leave no room beside them, the meaning goes below.
      if (display_width(lead) + 24 <= width_) {
        paragraph(lead, meaning);
      } else {
        paragraph("  ", probe.counter + "  " + asked_by(probe));
        paragraph("      ", meaning);
      }
    }
    print_refused();
  }

  // A rung is mostly refused for all hooks with the same words: they are said once.
  void print_refused() {
    std::vector<result::TriedRung> merged;
    for (const Probe& probe : view_.probes)
      for (const result::TriedRung& tried : probe.refused) {
        const auto same = std::find_if(merged.begin(), merged.end(), [&](const auto& other) {
          return other.rung == tried.rung && other.because == tried.because;
        });
        if (same == merged.end())
          merged.push_back(tried);
        else if ((", " + same->hook + ",").find(", " + tried.hook + ",") == std::string::npos)
          same->hook += ", " + tried.hook;
      }
    if (!merged.empty()) line("  better rungs that this system refused");
    for (const result::TriedRung& tried : merged)
      paragraph("      ", tried.rung + " " + tried.hook + ": " + tried.because, Tone::dim);
  }

  void print_list(const std::string& title, const std::vector<std::string>& items) {
    if (items.empty()) return;
    blank();
    line(title, Tone::heading);
    for (const std::string& item : items) paragraph("  • ", item);
  }

  const View& view_;
  const Options& options_;
  const std::size_t width_;
  std::string out_;
};

std::string render_table(const result::ResultSet& set, const Options& options) {
  const View view = make_view(set);
  return TablePrinter(view, options).print();
}

}  // namespace

extern const Renderer renderer_table{.name = "table",
                                     .title = "modes side by side, for people at a terminal",
                                     .ending = ".txt",
                                     .render = render_table,
                                     .render_observed = observed_table,
                                     .render_comparison = comparison_table,
                                     .render_collection = collection_table};

}  // namespace vtlab::render
