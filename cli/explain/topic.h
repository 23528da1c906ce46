// topic.h — what `vtlab explain` knows: one topic for each word, each thing of the catalogue, each number.
//
// To add a word: a file texts/KIND/NAME.txt, where KIND is kernel, runtime or observing. It begins with lines
// "key: value", in any order, all but the first optional:
//
//   title: a few words
//   also: other names, with commas between them
//   kernel: function | source file | what it does here        (once for each function)
//   try: run blocking-io --mode=virtual                       (once for each command; without "vtlab")
//   see: other topics, with commas between them
//
// then an empty line, then paragraphs. Lines that begin with four spaces are a drawing, at most 76 columns wide.
//
// A file in another folder of texts/ says more of a thing that the catalogue has (scenario, mode, claim, probe,
// column, action), under its name and without a title. What it must not repeat: lesson and statement come from there. What a
// word means in one sentence is said in docs/glossary.md, and shown above the topic.
//
// Threads   Free functions: callable from any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace vtlab::explain {

/// A function of the kernel that takes part.
struct Place {
  std::string function;
  std::string file;  ///< in the kernel's source
  std::string role;  ///< what it does here
};

struct Topic {
  std::string name;  ///< what people type
  std::string
      kind;  ///< the folder's name: "scenario", "runtime", …; "word" if only the glossary has it
  std::string title;
  std::vector<std::string> also;  ///< other names
  std::string text;               ///< paragraphs and drawings
  std::vector<Place> kernel;
  std::vector<std::string> commands;  ///< that show it, without "vtlab"
  std::vector<std::string> see;       ///< names of other topics
};

/// Everything, in the order in which it is listed.
std::vector<Topic> topics();

/// Upper and lower case, "-", "_" and " " are the same in names.
bool is_called(const Topic& topic, std::string_view word);

/// All topics of that name (a mode and an action may share one); without any, those that have it as another name.
/// What the glossary says comes first. Empty: unknown.
std::vector<Topic> find(const std::vector<Topic>& topics, std::string_view word);

}  // namespace vtlab::explain
