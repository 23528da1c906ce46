// runtimes.h — the JDKs and Gos of this machine: where they are, which version, and why one cannot be used.
//
// Rule      Versions are read from what a home says of itself (`release` of a JDK, VERSION of Go). Only where there is
//           no such file is the runtime asked, as the invoking user and never as root.
#pragma once

#include <string>
#include <vector>

#include "lab/privileges.h"
#include "scenarios/foreign.h"

namespace vtlab::lab {

/// The oldest JDK whose virtual threads are no preview; our Java program is written for it.
constexpr unsigned kOldestJdk = 21;

struct ForeignRuntime {
  Language language = Language::java;
  std::string home;      ///< no links in it
  std::string program;   ///< absolute path of bin/java or bin/go
  std::string version;   ///< "25.0.1", "1.24.4"; empty if it could not be told
  unsigned major = 0;    ///< of Go the second number, as its releases count: 24
  std::string found_by;  ///< "--java", "JAVA_HOME", "PATH", "/usr/lib/jvm", "./vtlabw runtimes"
  std::string libjvm;    ///< path of the library that is the JVM; empty for Go
  std::string why_not;   ///< why it cannot run our program; empty: nothing is known against it

  std::string name() const;  ///< "JDK 25.0.1", "Go 1.24.4"
};

/// Where to look. What is empty is not looked at.
struct RuntimePlaces {
  std::vector<std::string> java, go;  ///< --java and --go: programs or homes; if given, only those
  std::string java_home, go_root;     ///< JAVA_HOME and GOROOT
  std::string path;                   ///< PATH
  std::vector<std::string> folders;   ///< that have homes in them, or a home itself: /usr/lib/jvm
  std::string fetched;                ///< what `./vtlabw runtimes` filled
};

/// The usual places, with the environment of this process.
RuntimePlaces usual_places();

/// Each once, in the order of trust: named, JAVA_HOME or GOROOT, PATH, folders, fetched; within a folder the newest
/// first. Errors: lab::Error (usage) if a word names no such runtime.
std::vector<ForeignRuntime> find_runtimes(Language language, const RuntimePlaces& places,
                                          const User& user);

/// Why there is none, or none that can be used, with what was found.
std::string why_none(Language language, const std::vector<ForeignRuntime>& found);

/// What to type to get one.
std::vector<std::string> how_to_get(Language language);

/// Under sudo(8) the user's JAVA_HOME and PATH are gone: says so, and what helps. Empty if that is not so.
std::string lost_under_sudo(Language language);

}  // namespace vtlab::lab
