// recordings.h — runs that were recorded elsewhere and are built into the program: for lessons on a machine that may
// not look at its kernel, or that has no time for it. What they are and how they are made: recordings/README.md.
//
// Rule      Names and texts, nothing else. Who wants a document reads it (result/observed_json.h).
// Threads   Constant tables: callable from any thread.
#pragma once

#include <span>
#include <string_view>

namespace vtlab::recordings {

struct Recording {
  std::string_view name;  ///< "m-to-n"
  std::string_view text;  ///< JSON: vtlab.results/1
};

/// By name.
std::span<const Recording> all();

/// Null if there is none of that name.
const Recording* find(std::string_view name);

}  // namespace vtlab::recordings
