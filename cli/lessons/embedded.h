// embedded.h — the files of docs/lessons, which were built into the program. Internal to lessons.
#pragma once

#include <span>
#include <string_view>

namespace vtlab::lessons {

struct Embedded {
  std::string_view file, text;
};

std::span<const Embedded> embedded();

}  // namespace vtlab::lessons
