// reasons.h — why a vthread waits, why it left its carrier, who woke it: what diagnostics and the event log
// (event_log.h) say.
//
// Rule      The numbers are part of the wire format of events and of the USDT probes: new ones go to the end.
#pragma once

#include <cstdint>
#include <string_view>

namespace vthreads {

/// What a vthread waits for.
enum class WaitReason : std::uint8_t {
  other,  ///< of a primitive that does not say
  park,
  sleep,
  join,
  scope,
  mutex,
  shared_mutex,
  condition_variable,
  semaphore,
  latch,
  wait_group,
  channel_send,
  channel_receive,
  select,
  io_read,
  io_write,
  io_accept,
  io_connect,
  io_poll,
  file  ///< a regular file, by io_uring
};

/// Why a vthread left its carrier.
enum class UnmountReason : std::uint8_t {
  park,
  yield,
  done,
  done_to_joiner,  ///< done, and who waited to join it runs next on this carrier
  blocking         ///< back from blocking(), and no P was free for it (Kind::gmp)
};

/// Who started a vthread or ended its wait.
enum class Actor : std::uint8_t {
  caller,           ///< in USDT probes only: whoever runs on the OS thread that hits the probe
  platform_thread,  ///< a kernel tid
  vthread,          ///< a vthread id
  readiness,        ///< a poller; the descriptor
  deadline,         ///< a timer
  earlier_signal    ///< a signal that came while it was about to park, recorded for itself before
};

/// Where a carrier sleeps.
enum class SleepPlace : std::uint8_t { futex, poller };

/// How a carrier came to stand in for one that is held.
enum class SpareReason : std::uint8_t {
  called,  ///< it was idle
  started  ///< a new OS thread
};

/// How a P, the right to run vthreads (Kind::gmp), came to another carrier.
enum class HandOffReason : std::uint8_t {
  retaken,  ///< taken by the monitor from a carrier that is held; who gets it is another event
  called,   ///< to a carrier that slept
  started,  ///< to a new OS thread
  pinned    ///< to a carrier that waited for one, because its vthread must not leave it
};

/// "condition_variable" and so on; "?" for a number that this version does not know.
std::string_view name_of(WaitReason reason);
std::string_view name_of(UnmountReason reason);
std::string_view name_of(Actor actor);
std::string_view name_of(SleepPlace place);
std::string_view name_of(SpareReason reason);
std::string_view name_of(HandOffReason reason);

}  // namespace vthreads
