// program.h — our program in another language: compiled by the runtime's own compiler when it is first used, as the
// invoking user, and kept in their cache.
//
// Owns      $XDG_CACHE_HOME/vtlab/foreign (else ~/.cache/vtlab/foreign): one folder per program and version of a
//           runtime; it may be deleted at any time.
// Rule      A folder exists only once it is whole: it is made beside its place and renamed. Two vtlabs at once: the
//           second waits for the first (flock(2)) and then uses what that made.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "lab/foreign/runtimes.h"

namespace vtlab::lab {

/// A file of a program's source.
struct SourceFile {
  std::string_view name;  ///< without a folder: "Main.java"
  std::string_view text;
};

/// What is built into vtlab: all of scenarios/foreign/java or /go.
std::span<const SourceFile> foreign_sources(Language language);

/// $XDG_CACHE_HOME/vtlab/foreign, or in the user's home. Errors: lab::Error (machine_cannot) if they have none.
std::string foreign_cache(const User& user);

/// Told what takes a moment, "compiling our program for JDK 25.0.1, once", and nothing when that is over.
using Tell = std::function<void(const std::string&)>;

/// The words that start the program, its own arguments following: the runtime, fixed options, where the classes
/// are; or the program that was built. Compiles it if that has not been done. Errors: lab::Error
/// (machine_cannot) with the compiler's own words, or why the cache cannot be written.
std::vector<std::string> foreign_program(const ForeignRuntime& runtime,
                                         std::span<const SourceFile> sources, const User& user,
                                         const std::string& cache, const Tell& tell = {});

}  // namespace vtlab::lab
