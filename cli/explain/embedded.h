// embedded.h — the texts that were built into the program. Internal to explain.
#pragma once

#include <span>
#include <string_view>

namespace vtlab::explain {

struct Embedded {
  std::string_view file;  ///< "runtime/park.txt", or the path of the glossary
  std::string_view text;
};

std::span<const Embedded> embedded();

}  // namespace vtlab::explain
