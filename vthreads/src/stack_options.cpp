#include "stack_options.h"

#include <stdexcept>

namespace vthreads::detail {

StackOptions stack_options_of(const Config& config) {
  if (config.stack_bytes > kMaxStackBytes)
    throw std::invalid_argument("vthreads: stack_bytes above kMaxStackBytes");
  switch (config.guard) {
    case Config::Guard::automatic:
    case Config::Guard::none:
    case Config::Guard::madvise:
    case Config::Guard::mprotect:
      return {config.stack_bytes, config.guard, config.report_overflow, config.prepare_stacks};
  }
  throw std::invalid_argument("vthreads: a guard that does not exist");
}

}  // namespace vthreads::detail
