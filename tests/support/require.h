// require.h — a test that this machine cannot run says why; where it is required (CI) that is a
// failure.
#pragma once

#include <cstdlib>
#include <cstring>
#include <iostream>
#include <string>

#include "support/catch.h"

namespace vtlab::test {

/// True if skips are failures (VTLAB_REQUIRE_KERNEL=1).
inline bool everything_is_required() {
  const char* value = std::getenv("VTLAB_REQUIRE_KERNEL");
  return value && std::strcmp(value, "1") == 0;
}

/// Prints the line by which ctest knows a skipped test; fails instead where everything is required.
inline void skip(const std::string& reason) {
  if (everything_is_required()) FAIL("required here, but cannot run: " + reason);
  std::cout << "skipped: " << reason << std::endl;
}

}  // namespace vtlab::test

/// Leaves the test case unless `condition`; `reason` is for people.
#define VTLAB_NEEDS(condition, reason) \
  if (!(condition)) {                  \
    vtlab::test::skip(reason);         \
    return;                            \
  }
