#include "explain/glossary.h"

#include "explain/topic_file.h"

namespace vtlab::explain {
namespace {

constexpr std::string_view kAfterNames = "** — ";

// Without marks; of a link, the document that it leads to.
std::string plain(std::string_view markdown) {
  std::string out;
  for (std::size_t at = 0; at < markdown.size(); ++at) {
    const char c = markdown[at];
    if (c == '*' || c == '`') continue;
    if (c == '[' && markdown.find("](", at) != std::string_view::npos) {
      const auto open = markdown.find("](", at), close = markdown.find(')', open);
      if (close == std::string_view::npos) return out;
      out += "docs/" + std::string(markdown.substr(open + 2, close - open - 2));
      at = close;
      continue;
    }
    out += c == '\n' ? ' ' : c;
  }
  return out;
}

Topic entry(std::string_view names, std::string_view meaning) {
  Topic topic;
  topic.kind = "word";
  topic.also = listed(names);
  topic.name = topic.also.front();
  topic.also.erase(topic.also.begin());
  topic.text = plain(meaning) + "\n";
  return topic;
}

}  // namespace

std::vector<Topic> read_glossary(std::string_view markdown) {
  std::vector<Topic> words;
  for (std::size_t at = 0; at < markdown.size();) {
    const auto end = std::min(markdown.find("\n\n", at), markdown.size());
    const std::string_view paragraph = markdown.substr(at, end - at);
    at = end + 2;
    const auto names_end = paragraph.find(kAfterNames);
    if (!paragraph.starts_with("**") || names_end == std::string_view::npos) continue;
    words.push_back(entry(paragraph.substr(2, names_end - 2),
                          paragraph.substr(names_end + kAfterNames.size())));
  }
  return words;
}

}  // namespace vtlab::explain
