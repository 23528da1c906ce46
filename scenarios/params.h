// params.h — what the user asked of an experiment.
#pragma once

#include <cstdint>

namespace vtlab {

struct Params {
  std::uint32_t tasks = 0;  ///< units asked for; at least 1
  std::uint32_t carriers =
      0;  ///< OS threads that run vthreads, or the size of the pool; at least 1
  std::uint64_t delay_ns = 0;  ///< how long the server waits before it answers
  std::uint64_t seed = 0;      ///< for every choice that is left to chance
};

}  // namespace vtlab
