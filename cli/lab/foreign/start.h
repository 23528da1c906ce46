// start.h — foreign modes on this machine: which runtime each is run by, and how it is started.
//
// A mode of the catalogue ("java-virtual") is run by the first runtime that can. "java-virtual@21" is the same mode by a
// JDK 21, so that several versions stand side by side in one table.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "lab/foreign/program.h"
#include "lab/request.h"

namespace vtlab::lab {

/// "java-virtual" of "java-virtual@21": the name by which the program knows its mode.
std::string_view name_without_version(const Mode& mode);

class ForeignModes {
 public:
  /// Looks for nothing yet, unless runtimes are named (--java, --go). Errors: lab::Error (usage) if a word
  /// names none.
  ForeignModes(RuntimePlaces places, User user, Tell tell = {});

  /// What a word of --mode means: a mode of the catalogue; "MODE@VERSION"; and a foreign mode by itself, if several
  /// runtimes of its language are named, once for each of them. Empty: there is no such mode. A mode lives as
  /// long as the process.
  std::vector<const Mode*> modes(std::string_view word);

  /// How it is started. Compiles its program if that has not been done. What is in the way stands in it: errors
  /// are none.
  ForeignStart start(const Mode& mode);

  /// Those of one language, found now if that has not been done.
  const std::vector<ForeignRuntime>& found(Language language);

 private:
  std::vector<const Mode*> each_named(const Mode& mode);
  ForeignStart start_with(const ForeignRuntime& runtime);

  const RuntimePlaces places_;
  const User user_;
  const Tell tell_;
  std::map<Language, std::vector<ForeignRuntime>> found_;
  std::map<std::string, ForeignStart> started_;  // by the runtime's program
};

/// Fills Request::foreign for those modes that the scenario is written for.
void add_foreign(Request& request, ForeignModes& modes);

}  // namespace vtlab::lab
