// stack_options.h — what the stacks of a scheduler shall be like, checked.
#pragma once

#include <cstddef>

#include "vthreads/config.h"

namespace vthreads::detail {

struct StackOptions {
  std::size_t bytes = kMinStackBytes;  ///< per stack, all included; the pool rounds up
  Config::Guard guard = Config::Guard::automatic;
  bool report_overflow = true;
  bool prepare = false;  ///< makes some before they are needed (stack_maker.h)
};

/// Errors: std::invalid_argument for what config.h says is refused.
StackOptions stack_options_of(const Config& config);

}  // namespace vthreads::detail
