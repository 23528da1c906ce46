// creation_ways.h — the ways of creation-paths, in the order in which its units take them.
#pragma once

#include <array>
#include <cstdint>

#include "scenarios/actions.h"

namespace vtlab {

enum class CreationWay {
  fork,
  vfork,
  posix_spawn,
  pthread_create,
  clone,
  clone3,
  musl_thread,
  io_uring,
  failing_clone
};
inline constexpr std::uint32_t kCreationWays = 9;

/// Is there the program that makes a thread as musl does it?
#ifdef VTLAB_HAS_MUSL
inline constexpr bool kMuslIsBuilt = true;
#else
inline constexpr bool kMuslIsBuilt = false;
#endif

constexpr CreationWay creation_way(std::uint32_t unit) {
  return static_cast<CreationWay>(unit % kCreationWays);
}

/// What the unit publishes. Under start_musl_program a process is made, in it a thread under musl_thread.
constexpr Action action_of(CreationWay way) {
  constexpr std::array<Action, kCreationWays> actions{
      Action::call_fork,          Action::vfork,           Action::posix_spawn,
      Action::pthread_create,     Action::raw_clone,       Action::raw_clone3,
      Action::start_musl_program, Action::io_uring_worker, Action::failing_clone};
  return actions[static_cast<std::size_t>(way)];
}

}  // namespace vtlab
