#include "explain/page.h"

#include <algorithm>

#include "render/format.h"

namespace vtlab::explain {
namespace {

using render::display_width;
using render::pad_right;
using render::wrap;

constexpr std::size_t kWidth = 80;
constexpr std::string_view kDrawing = "    ";

struct Group {
  std::string_view kind, one, many;
};

constexpr Group kGroups[] = {
    {"scenario", "scenario", "Scenarios: what N units do"},
    {"mode", "mode", "Modes: what a unit is"},
    {"runtime", "in the runtime", "In the runtime"},
    {"kernel", "in the kernel", "In the kernel"},
    {"observing", "how vtlab observes", "How vtlab observes"},
    {"column", "number in the table", "Numbers in the table"},
    {"probe", "question to the kernel", "Questions to the kernel (probes)"},
    {"action", "action in the ledger", "Actions in the ledger"},
    {"claim", "claim", "Claims"},
    {"word", "word", "Words"},
};

const Group& group_of(const Topic& topic) {
  return *std::find_if(std::begin(kGroups), std::end(kGroups),
                       [&](const Group& group) { return group.kind == topic.kind; });
}

// The label, and the text beside it; both may be long.
std::string hanging(std::string label, std::string_view text, std::size_t indent) {
  std::string out;
  if (display_width(label) > indent) {
    out = label + "\n";
    label.clear();
  }
  for (const std::string& line : wrap(text, kWidth - indent)) {
    out += pad_right(label, indent) + line + "\n";
    label.clear();
  }
  return out;
}

bool is_drawing(std::string_view line) {
  return line.starts_with(kDrawing);
}

// Paragraphs are wrapped, drawings are not.
std::string body(std::string_view text) {
  std::string out, paragraph;
  const auto end_paragraph = [&] {
    if (paragraph.empty()) return;
    for (const std::string& line : wrap(paragraph, kWidth)) out += line + "\n";
    paragraph.clear();
  };
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    if (!line.empty() && !is_drawing(line)) {
      paragraph += (paragraph.empty() ? "" : " ") + std::string(line);
      continue;
    }
    end_paragraph();
    if (line.empty() && out.ends_with("\n\n")) continue;
    out += std::string(line) + "\n";
  }
  end_paragraph();
  while (out.ends_with("\n")) out.pop_back();
  return out + "\n";
}

std::string joined(const std::vector<std::string>& names) {
  std::string out;
  for (const std::string& name : names) out += (out.empty() ? "" : ", ") + name;
  return out;
}

std::string places(const Topic& topic) {
  std::string out;
  std::size_t functions = 0, files = 0;
  for (const Place& place : topic.kernel) {
    functions = std::max(functions, display_width(place.function));
    files = std::max(files, display_width(place.file));
  }
  for (const Place& place : topic.kernel)
    out += hanging("  " + pad_right(place.function, functions + 2) + place.file, place.role,
                   2 + functions + 2 + files + 2);
  return out;
}

// What runs something sees more as root.
std::string with_privileges(std::string_view command) {
  return command.starts_with("run ") || command.starts_with("observe ") ||
                 command.starts_with("prove ")
             ? "sudo "
             : "";
}

std::string one(const Topic& topic, std::string_view program) {
  std::string out =
      hanging(topic.name + " — ", topic.title + " (" + std::string(group_of(topic).one) + ")",
              display_width(topic.name) + 3);
  out += "\n" + body(topic.text);
  if (!topic.kernel.empty()) out += "\nKernel functions\n" + places(topic);
  if (!topic.commands.empty()) out += "\nTo see it\n";
  for (const std::string& command : topic.commands)
    out += "  " + with_privileges(command) + std::string(program) + " " + command + "\n";
  if (!topic.see.empty()) out += "\n" + hanging("See also ", joined(topic.see), 9);
  return out;
}

// The glossary's sentence; whose it is, unless that is clear.
std::string meaning(const Topic& word, std::string_view of = {}) {
  return (word.name == of ? "" : word.name + " — ") + word.text;
}

std::string listed(const std::vector<const Topic*>& words) {
  std::vector<std::string> names;
  for (const Topic* word : words) names.push_back(word->name);
  return hanging("  ", joined(names), 2);
}

}  // namespace

std::string page(std::vector<Topic> found, std::string_view program) {
  const auto first = std::find_if(found.begin(), found.end(),
                                  [](const Topic& topic) { return topic.kind != "word"; });
  if (first == found.end()) {
    std::string out;
    for (const Topic& word : found) out += (out.empty() ? "" : "\n") + body(meaning(word));
    return out;
  }
  std::string meanings, out;
  for (auto word = found.begin(); word != first; ++word)
    meanings += meaning(*word, first->name) + "\n";
  first->text.insert(0, meanings);
  for (auto topic = first; topic != found.end(); ++topic)
    out += (out.empty() ? "" : "\n") + one(*topic, program);
  return out;
}

std::string index(const std::vector<Topic>& topics, std::string_view program) {
  constexpr std::size_t kIndent = 30;
  std::string out;
  for (const Group& group : kGroups) {
    std::vector<const Topic*> of_group;
    for (const Topic& topic : topics) {
      if (topic.kind != group.kind) continue;
      // A word that has a topic of its own is listed there.
      const bool elsewhere = topic.kind == "word" &&
                             std::any_of(topics.begin(), topics.end(), [&](const Topic& other) {
                               return other.kind != "word" && is_called(other, topic.name);
                             });
      if (!elsewhere) of_group.push_back(&topic);
    }
    if (of_group.empty()) continue;
    out += std::string(group.many) + "\n";
    if (group.kind == "word")
      out += listed(of_group);
    else
      for (const Topic* topic : of_group)
        out += hanging("  " + topic->name + " ", topic->title, kIndent);
    out += "\n";
  }
  return out + "Try:  " + std::string(program) + " explain park\n";
}

}  // namespace vtlab::explain
