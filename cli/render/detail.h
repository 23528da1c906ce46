// detail.h — one view of the details of a result: what --show NAME adds to the ledger. Internal to render.
//
// To add a view: one file NAME.cpp here that defines detail_NAME, its name in the CMakeLists.txt, a
// member in Parts, and a line in commands/show.cpp.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "render/csv_writer.h"
#include "render/renderer.h"
#include "result/details.h"

namespace vtlab::render {

struct Line {
  std::string text;  ///< at most as wide as was asked for
  Tone tone = Tone::plain;
};

/// Whose details: a mode of `run`, or the program of `observe`. The details stay their document's.
struct Subject {
  std::string name;      ///< one line; empty if there is only one and it needs no name
  std::string observer;  ///< "ebpf"
  const result::Details* details;
  Zoom zoom{};
};

/// Pure functions, called only with subjects that `applies` to, at least one.
struct DetailView {
  bool Parts::*part;
  std::string_view heading;  ///< of markdown; the table's lines begin with their own
  bool (*applies)(const result::Details&);
  std::vector<Line> (*lines)(const std::vector<Subject>&, std::size_t width);  ///< width ≥ 60
  std::string (*markdown)(const std::vector<Subject>&);
  void (*csv)(CsvWriter&, const Subject&);
  /// What a report draws above the tables of `markdown` (html/pictures.h); null: nothing.
  std::string (*pictures)(const std::vector<Subject>&) = nullptr;
  bool pictures_say_it = false;  ///< the words only repeat them, and are folded away in a report
};

std::span<const DetailView* const> detail_views();

/// Those of them that the view has something to say of, with the zoom of the parts.
std::vector<Subject> subjects_of(const DetailView& view, const std::vector<Subject>& subjects,
                                 const Parts& parts);

/// The chapters of all views that are among the parts, each with its heading.
std::string details_markdown(const std::vector<Subject>& subjects, const Parts& parts);

/// Lines of a table, each at most as wide as the table, whatever a document holds (one_line). A local of
/// one that makes them.
class LinePrinter {
 public:
  explicit LinePrinter(std::size_t width) : width_(width) {}

  void add(std::string text, Tone tone = Tone::plain);
  /// The lead stands before every line: blanks, or the trunk of a tree.
  void paragraph(const std::string& lead, const std::string& text, Tone tone = Tone::plain);
  /// The sign stands in the first line only.
  void bullet(const std::string& sign, const std::string& text, Tone tone = Tone::plain);
  /// A heading and a bullet for each; nothing if there are none.
  void list(const std::string& title, const std::vector<std::string>& items);
  /// Words at the left, columns at the right.
  void row(const std::string& left, const std::string& right, Tone tone = Tone::plain);

  std::size_t width() const { return width_; }
  std::vector<Line> take() { return std::move(lines_); }

 private:
  std::size_t width_;
  std::vector<Line> lines_;
};

/// The lines as text, with their tones as the options want them.
std::string painted(const std::vector<Line>& lines, const Options& options);

/// What stands before the numbers of a subject: whose they are, why there are none, what is wrong with them.
struct Preface {
  std::string name;     ///< empty if it needs none
  std::string missing;  ///< why there is nothing to see; the rest is then empty
  std::string alert;    ///< what forbids to take the numbers at face value

  /// "virtual: ", before a sentence in markdown.
  std::string who() const;
};

/// `void_because`: of the value, if there is one. `still`: what its numbers are good for in spite of that.
Preface preface_of(const Subject& subject, const std::string& missing_because,
                   const std::string& void_because = {}, std::string_view still = {});
/// False if there is no more to say.
bool print(LinePrinter& out, const Preface& preface);
std::string markdown_of(const Preface& preface);

}  // namespace vtlab::render
