#include "explain/topic_file.h"

#include <stdexcept>

namespace vtlab::explain {
namespace {

std::string trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \n");
  if (first == std::string_view::npos) return {};
  return std::string(text.substr(first, text.find_last_not_of(" \n") - first + 1));
}

std::vector<std::string> parts(std::string_view text, char separator) {
  std::vector<std::string> found;
  for (;;) {
    const auto end = text.find(separator);
    found.push_back(trimmed(text.substr(0, end)));
    if (end == std::string_view::npos) return found;
    text.remove_prefix(end + 1);
  }
}

bool take(Topic& topic, std::string_view key, std::string_view value) {
  if (key == "title")
    topic.title = value;
  else if (key == "also")
    topic.also = listed(value);
  else if (key == "see")
    topic.see = listed(value);
  else if (key == "try")
    topic.commands.emplace_back(value);
  else if (key == "kernel") {
    const auto columns = parts(value, '|');
    if (columns.size() != 3) return false;
    topic.kernel.push_back({columns[0], columns[1], columns[2]});
  } else
    return false;
  return true;
}

}  // namespace

std::vector<std::string> listed(std::string_view text) {
  return parts(text, ',');
}

Topic read_topic(std::string_view file, std::string_view text) {
  Topic topic;
  const auto slash = file.find('/');
  topic.kind = file.substr(0, slash);
  topic.name = file.substr(slash + 1, file.rfind('.') - slash - 1);
  while (!text.empty() && text.front() != '\n') {
    const std::string_view line = text.substr(0, text.find('\n'));
    const auto colon = line.find(": ");
    if (colon == std::string_view::npos ||
        !take(topic, line.substr(0, colon), trimmed(line.substr(colon + 2))))
      throw std::runtime_error(std::string(file) + ": not understood: " + std::string(line));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
  }
  while (!text.empty() && text.front() == '\n') text.remove_prefix(1);
  topic.text = text;
  return topic;
}

}  // namespace vtlab::explain
