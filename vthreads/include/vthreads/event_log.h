// event_log.h — what vthreads and carriers did, and when: one record per mount, park, steal …
//
// Switched on by Config::event_log. Each carrier writes into a ring of its own, everybody else into one more;
// somebody reads them out, at the end (Scheduler::events) or all the time (Scheduler::drain_events).
// The same moments are USDT probes of the provider `vthreads`, log or no log: docs/vthreads/event-log.md.
//
// Owns      An EventLog owns its records.
// Rule      A full ring drops new records, and says so: a record `lost` stands where they are missing, with
//           their number. So what is there is exact, and what is not is known.
// Rule      A record is written before what it tells can have consequences: sorted by time, an unpark comes
//           before the mount that follows from it.
// Threads   Plain values.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "vthreads/reasons.h"

namespace vthreads {

/// Beside each: what Event::reason, arg and peer mean, if anything. `id`: that of a vthread.
enum class EventKind : std::uint8_t {
  start = 1,       ///< made runnable for the first time; reason Actor, arg id or tid
  mount = 2,       ///< begins to run on this carrier
  unmount = 3,     ///< leaves it; reason UnmountReason
  park = 4,        ///< begins to wait; reason WaitReason; its unmount follows
  unpark = 5,      ///< its wait is over, it is runnable; reason Actor, arg id, tid or descriptor
  signal = 6,      ///< woken while not parked: remembered, or it waits on its carrier; as unpark
  pin_wait = 7,    ///< begins to wait on its carrier, which it must not leave; reason WaitReason
  pin_resume = 8,  ///< that wait is over
  blocking_enter = 9,  ///< from here to blocking_exit it holds its carrier
  blocking_exit = 10,
  done = 11,  ///< its body has returned; its unmount follows
  steal =
      12,  ///< vthreads taken from another run queue; arg how many, peer whose: a carrier's, gmp: a P's
  compensate = 13,  ///< its carrier is about to be held; reason SpareReason, peer the spare one
  hand_off = 14,  ///< gmp: a P changes hands; arg which, reason HandOffReason, peer who has it now
  carrier_start = 15,  ///< begins to run vthreads; arg its kernel tid
  carrier_stop = 16,
  carrier_sleep = 17,  ///< nothing to do; reason SleepPlace
  carrier_wake = 18,
  lost = 19  ///< from here to the next record of this carrier `arg` records are missing
};

/// "mount" and so on; "?" for a number that this version does not know.
std::string_view name_of(EventKind kind);

/// Event::carrier of what was not done by a carrier of the scheduler.
inline constexpr std::uint32_t kOutside = 0xffff'ffff;

/// Event::peer if it is nobody.
inline constexpr std::uint16_t kNoCarrier = 0xffff;

/// One record: 32 bytes without padding in host byte order, fit to be written to a file and read by another
/// process on the same machine. A change of the layout changes kEventFormat.
struct Event {
  std::uint64_t ns = 0;  ///< CLOCK_MONOTONIC, as std::chrono::steady_clock and bpf_ktime_get_ns()
  std::uint64_t vthread = 0;  ///< VThread::id() of whom it is about; 0: of none
  std::uint64_t arg = 0;      ///< see EventKind
  std::uint32_t carrier = 0;  ///< its index, or kOutside: who did it, and wrote this
  EventKind kind = {};
  std::uint8_t reason = 0;  ///< which enum: see EventKind
  std::uint16_t peer = 0;   ///< index of the other carrier: see EventKind

  friend bool operator==(const Event&, const Event&) = default;
};

inline constexpr std::uint32_t kEventFormat = 1;
static_assert(sizeof(Event) == 32 && std::is_trivially_copyable_v<Event>);
static_assert(offsetof(Event, vthread) == 8 && offsetof(Event, arg) == 16);
static_assert(offsetof(Event, carrier) == 24 && offsetof(Event, kind) == 28);
static_assert(offsetof(Event, reason) == 29 && offsetof(Event, peer) == 30);

/// The text of its reason, of whichever enum; empty for a kind that has none.
std::string_view reason_name_of(const Event& event);

struct EventLog {
  std::vector<Event> events;  ///< sorted by time
  std::uint64_t lost = 0;     ///< how many more there were: the sum over the records `lost`
};

/// Sorts records that were drained piece by piece. What one thread wrote stays in its order.
void sort_by_time(std::span<Event> events);

/// Whether the records, which are those of one scheduler from its beginning and sorted, tell a possible story:
/// each vthread goes along the table of states, each carrier has one vthread mounted at most. Says what is wrong
/// with the first that does not fit; nullopt if all fit. After a gap (`lost`) everything is possible once.
std::optional<std::string> first_illegal_step(std::span<const Event> events);

}  // namespace vthreads
