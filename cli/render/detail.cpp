// detail.cpp — see detail.h; the table of views is written by vtlab_registry() in CMakeLists.txt.
#include "render/detail.h"

#include <algorithm>

#include "render/format.h"

namespace vtlab::render {

#include "detail_registry.inc"

std::span<const DetailView* const> detail_views() {
  return k_detail_table;
}

std::vector<Subject> subjects_of(const DetailView& view, const std::vector<Subject>& subjects) {
  std::vector<Subject> out;
  for (const Subject& subject : subjects)
    if (view.applies(*subject.details)) out.push_back(subject);
  return out;
}

std::string details_markdown(const std::vector<Subject>& all, const Parts& parts) {
  std::string out;
  for (const DetailView* view : detail_views()) {
    const std::vector<Subject> subjects = subjects_of(*view, all);
    if (parts.*view->part && !subjects.empty())
      out += "\n### " + std::string(view->heading) + "\n\n" + view->markdown(subjects);
  }
  return out;
}

std::string_view style_of(Tone tone) {
  switch (tone) {
    case Tone::plain:
      return "";
    case Tone::heading:
      return "36";
    case Tone::strong:
      return "1";
    case Tone::dim:
      return "2";
    case Tone::warning:
      return "1;33";
  }
  return "";
}

void LinePrinter::add(std::string text, Tone tone) {
  text.erase(text.find_last_not_of(' ') + 1);
  lines_.push_back({std::move(text), tone});
}

void LinePrinter::paragraph(const std::string& lead, const std::string& text, Tone tone) {
  for (const std::string& part : wrap(text, width_ - display_width(lead))) add(lead + part, tone);
}

void LinePrinter::row(const std::string& left, const std::string& right, Tone tone) {
  const std::size_t room = width_ - std::min(width_, display_width(right));
  add(pad_right(shorten(left, room), room) + right, tone);
}

}  // namespace vtlab::render
