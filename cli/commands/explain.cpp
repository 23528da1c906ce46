// explain.cpp — vtlab explain WORD: what it means, drawn for a terminal. No privileges, nothing is run.
#include <iostream>
#include <memory>

#include "commands/arguments.h"
#include "commands/command.h"
#include "commands/look.h"
#include "explain/page.h"
#include "lab/error.h"
#include "render/format.h"
#include "render/words.h"

namespace vtlab::commands {
namespace {

struct Options {
  std::vector<std::string> words;
  bool ascii = false;
};

[[noreturn]] void unknown(const std::string& word, const std::vector<explain::Topic>& topics,
                          const Invocation& invocation) {
  std::vector<std::string> known;
  for (const explain::Topic& topic : topics) {
    known.push_back(topic.name);
    known.insert(known.end(), topic.also.begin(), topic.also.end());
  }
  throw lab::Error(
      lab::ExitCode::usage, "nothing is known of '" + word + "'" + did_you_mean(word, known),
      {"there are " + std::to_string(topics.size()) + " topics; without a word, all are listed"},
      {invocation.program + " explain"});
}

std::string explanation(const Options& options, const Invocation& invocation) {
  const std::vector<explain::Topic> topics = explain::topics();
  if (options.words.empty()) return explain::index(topics, invocation.program);
  // People may leave the quotes away: "unit latency" is one name.
  const std::string word = render::join(options.words, " ");
  const std::vector<explain::Topic> found = explain::find(topics, word);
  if (found.empty()) unknown(word, topics, invocation);
  return explain::page(found, invocation.program);
}

std::vector<std::string> topic_names() {
  std::vector<std::string> names;
  for (const explain::Topic& topic : explain::topics()) names.push_back(topic.name);
  return names;
}

Action add(CLI::App& app, const Invocation& invocation) {
  auto options = std::make_shared<Options>();
  app.add_option("WORD", options->words,
                 "a scenario, mode, claim, probe, column or any other word; none: the list of all")
      ->type_name("");
  app.add_flag("--ascii", options->ascii,
               "draw with ASCII; the default where the locale is not UTF-8");
  return [options, invocation] {
    const std::string text = explanation(*options, invocation);
    std::cout << (options->ascii || locale_is_ascii() ? render::to_ascii(text) : text);
    return 0;
  };
}

}  // namespace

const Command command_explain{"explain", "what a word, a number, a claim means, with a drawing",
                              add, false, topic_names};

}  // namespace vtlab::commands
