#include "lessons/source.h"

#include <algorithm>

namespace vtlab::lessons {
namespace {

constexpr std::string_view kFence = "```";
/// Info words of blocks that mean something; all others are text.
constexpr std::string_view kWords[] = {"answer", "vtlab", "expect"};

bool means_something(std::string_view word) {
  return std::find(std::begin(kWords), std::end(kWords), word) != std::end(kWords);
}

// "- key: value"
bool is_setting(std::string_view line, std::string& key, std::string& value) {
  if (!line.starts_with("- ")) return false;
  const auto colon = line.find(": ");
  if (colon == std::string_view::npos) return false;
  key = line.substr(2, colon - 2);
  value = trimmed(line.substr(colon + 2));
  return !key.empty() &&
         std::all_of(key.begin(), key.end(), [](char c) { return c >= 'a' && c <= 'z'; });
}

}  // namespace

std::string trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t\r");
  if (first == std::string_view::npos) return {};
  return std::string(text.substr(first, text.find_last_not_of(" \t\r") - first + 1));
}

std::vector<std::string> listed(std::string_view text) {
  std::vector<std::string> found;
  for (;;) {
    const auto end = text.find(',');
    found.push_back(trimmed(text.substr(0, end)));
    if (end == std::string_view::npos) return found;
    text.remove_prefix(end + 1);
  }
}

Source::Source(std::string_view file, std::string_view text) : file_(file) {
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    std::string line(text.substr(0, end));
    line.erase(line.find_last_not_of(" \t\r") + 1);
    lines_.push_back({lines_.size() + 1, std::move(line)});
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

void Source::fail(std::size_t line, const std::string& wrong, std::string write) const {
  throw FormatError(file_, line, wrong, std::move(write));
}

std::vector<Section> Source::sections() const {
  std::vector<Section> sections;
  bool settings = false;  // they stand first
  for (std::size_t i = 0; i < lines_.size(); ++i) {
    const Line& line = lines_[i];
    const bool title = line.text.starts_with("# ");
    if (title || line.text.starts_with("## ")) {
      if (title != sections.empty())
        fail(line.number, title ? "a second title" : "the title is missing",
             title ? "## for a step" : "# and the title in the first line");
      sections.push_back({{line.number, trimmed(line.text.substr(title ? 2 : 3))}, {}, {}, {}});
      settings = true;
      continue;
    }
    if (sections.empty()) {
      if (line.text.empty()) continue;
      fail(line.number, "the title is missing", "# and the title in the first line");
    }
    Section& section = sections.back();
    if (line.text.starts_with(kFence)) {
      settings = false;
      std::size_t end = i + 1;
      while (end < lines_.size() && !lines_[end].text.starts_with(kFence)) ++end;
      if (end == lines_.size())
        fail(line.number, "the block that begins here does not end", "``` in a line of its own");
      const std::string word = trimmed(line.text.substr(kFence.size()));
      const auto from = lines_.begin() + static_cast<std::ptrdiff_t>(i);
      const auto to = lines_.begin() + static_cast<std::ptrdiff_t>(end);
      if (means_something(word))
        section.fences.push_back({word, line.number, {from + 1, to}});
      else
        section.lines.insert(section.lines.end(), from, to + 1);
      i = end;
      continue;
    }
    std::string key, value;
    if (settings && is_setting(line.text, key, value)) {
      section.settings.push_back({{line.number, key}, value});
      continue;
    }
    if (!line.text.empty()) settings = false;
    section.lines.push_back(line);
  }
  if (sections.empty()) fail(1, "there is nothing in it", "# and the title in the first line");
  return sections;
}

void Source::at(std::size_t line, const std::function<void()>& parse) const {
  try {
    parse();
  } catch (const FormulaError& error) {
    fail(line, error.what(), error.write);
  }
}

// Read line by line first, so that a complaint has its line; a place for a value is never broken over two.
Text Source::text(const std::vector<Line>& lines) const {
  std::string all;
  for (const Line& line : lines) {
    at(line.number, [&] { Text(line.text); });
    if (!all.empty() || !line.text.empty()) all += line.text + "\n";
  }
  while (all.ends_with('\n')) all.pop_back();
  return Text(all);
}

}  // namespace vtlab::lessons
