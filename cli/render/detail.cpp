// detail.cpp — see detail.h; the table of views is written by vtlab_registry() in CMakeLists.txt.
#include "render/detail.h"

#include <algorithm>

#include "render/format.h"
#include "render/markdown_text.h"

namespace vtlab::render {

#include "detail_registry.inc"

std::span<const DetailView* const> detail_views() {
  return k_detail_table;
}

std::vector<Subject> subjects_of(const DetailView& view, const std::vector<Subject>& subjects,
                                 const Parts& parts) {
  std::vector<Subject> out;
  for (const Subject& subject : subjects)
    if (view.applies(*subject.details))
      out.push_back({subject.name, subject.observer, subject.details, parts.zoom});
  return out;
}

std::string details_markdown(const std::vector<Subject>& all, const Parts& parts) {
  std::string out;
  for (const DetailView* view : detail_views()) {
    const std::vector<Subject> subjects = subjects_of(*view, all, parts);
    if (parts.*view->part && !subjects.empty())
      out += "\n### " + std::string(view->heading) + "\n\n" + view->markdown(subjects);
  }
  return out;
}

void LinePrinter::add(std::string text, Tone tone) {
  text = one_line(text);
  text.erase(text.find_last_not_of(' ') + 1);
  lines_.push_back({std::move(text), tone});
}

void LinePrinter::paragraph(const std::string& lead, const std::string& text, Tone tone) {
  for (const std::string& part : wrap(text, width_ - display_width(lead))) add(lead + part, tone);
}

void LinePrinter::bullet(const std::string& sign, const std::string& text, Tone tone) {
  const std::string lead = "  " + sign + " ";
  const std::vector<std::string> lines = wrap(text, width_ - display_width(lead));
  for (std::size_t i = 0; i < lines.size(); ++i)
    add((i == 0 ? lead : std::string(display_width(lead), ' ')) + lines[i], tone);
}

void LinePrinter::list(const std::string& title, const std::vector<std::string>& items) {
  if (items.empty()) return;
  add("");
  add(title, Tone::heading);
  for (const std::string& item : items) bullet("•", item);
}

void LinePrinter::row(const std::string& left, const std::string& right, Tone tone) {
  const std::size_t room = width_ - std::min(width_, display_width(right));
  add(pad_right(shorten(left, room), room) + right, tone);
}

std::string painted(const std::vector<Line>& lines, const Options& options) {
  std::string out;
  for (const Line& line : lines) out += paint(line.text, line.tone, options) + "\n";
  return out;
}

std::string Preface::who() const {
  return name.empty() ? "" : escaped(name) + ": ";
}

Preface preface_of(const Subject& subject, const std::string& missing_because,
                   const std::string& void_because, std::string_view still) {
  Preface preface{one_line(subject.name), one_line(missing_because), {}};
  if (!void_because.empty())
    preface.alert = "INCOMPLETE " + (preface.name.empty() ? "" : preface.name + ": ") +
                    one_line(void_because) + "; " + std::string(still);
  return preface;
}

bool print(LinePrinter& out, const Preface& preface) {
  if (!preface.name.empty()) out.add(preface.name, Tone::strong);
  if (!preface.missing.empty()) out.paragraph("  ", "not observed: " + preface.missing);
  if (!preface.alert.empty()) out.paragraph("! ", preface.alert, Tone::warning);
  return preface.missing.empty();
}

std::string markdown_of(const Preface& preface) {
  std::string out;
  if (!preface.missing.empty())
    out += "- " + preface.who() + "not observed: " + escaped(preface.missing) + "\n";
  if (!preface.alert.empty()) out += "> **" + escaped(preface.alert) + "**\n";
  return out;
}

}  // namespace vtlab::render
