#include <algorithm>
#include <cctype>
#include <iterator>

#include "explain/catalogue.h"
#include "explain/embedded.h"
#include "explain/glossary.h"
#include "explain/topic.h"
#include "explain/topic_file.h"

namespace vtlab::explain {
namespace {

std::string normal(std::string_view name) {
  std::string out;
  for (const char c : name)
    out +=
        c == '_' || c == '-' ? ' ' : static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return out;
}

template <typename T>
void append(std::vector<T>& to, const std::vector<T>& more) {
  to.insert(to.end(), more.begin(), more.end());
}

void append_new(std::vector<std::string>& to, const std::vector<std::string>& more) {
  for (const std::string& each : more)
    if (std::find(to.begin(), to.end(), each) == to.end()) to.push_back(each);
}

// What a file says of a thing that the catalogue has. Its commands replace the general ones.
void add(Topic& topic, const Topic& file) {
  topic.text += file.text;
  append(topic.also, file.also);
  append(topic.kernel, file.kernel);
  append_new(topic.see, file.see);
  if (!file.commands.empty()) topic.commands = file.commands;
}

}  // namespace

std::vector<Topic> topics() {
  std::vector<Topic> all = catalogue(), words;
  for (const Embedded& each : embedded()) {
    if (!each.file.ends_with(".txt")) {
      words = read_glossary(each.text);
      continue;
    }
    Topic file = read_topic(each.file, each.text);
    const auto same = std::find_if(all.begin(), all.end(), [&](const Topic& topic) {
      return topic.kind == file.kind && topic.name == file.name;
    });
    if (same != all.end())
      add(*same, file);
    else if (!file.title
                  .empty())  // without: only adds to what the catalogue has, should it have it
      all.push_back(std::move(file));
  }
  append(all, words);
  return all;
}

bool is_called(const Topic& topic, std::string_view word) {
  const std::string wanted = normal(word);
  return normal(topic.name) == wanted ||
         std::any_of(topic.also.begin(), topic.also.end(),
                     [&](const auto& name) { return normal(name) == wanted; });
}

std::vector<Topic> find(const std::vector<Topic>& topics, std::string_view word) {
  std::vector<Topic> named, called, words;
  for (const Topic& topic : topics) {
    if (!is_called(topic, word)) continue;
    if (topic.kind == "word")
      words.push_back(topic);
    else if (normal(topic.name) == normal(word))
      named.push_back(topic);
    else
      called.push_back(topic);
  }
  append(words, named.empty() ? called : named);
  return words;
}

}  // namespace vtlab::explain
