// unit_event.h — what a runtime wrote into its event log, as vtlab takes it from the observed program.
//
// The fields and numbers are those of vthreads::Event (docs/vthreads/event-log.md); who observes need not know
// the runtime for that.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace vtlab {

struct UnitEvent {
  std::uint64_t ns = 0;       ///< CLOCK_MONOTONIC
  std::uint64_t vthread = 0;  ///< 0: of none
  std::uint64_t arg = 0;
  std::uint32_t carrier = 0;
  std::uint8_t kind = 0, reason = 0;
  std::uint16_t peer = 0;

  friend bool operator==(const UnitEvent&, const UnitEvent&) = default;
};

/// "mount", "park" and so on; "?" for a number that is none.
std::string_view kind_word(const UnitEvent& event);
/// Why, or by whom: "io_read", "deadline"; empty for a kind that has no reason.
std::string_view reason_word(const UnitEvent& event);

/// The fields in their order, with spaces between them.
std::string to_words(const UnitEvent& event);
/// Nothing if they are not that.
std::optional<UnitEvent> read_event(std::string_view words);

/// Records are missing from here on, as many as `arg` says.
bool is_loss(const UnitEvent& event);
/// A unit became runnable because its descriptor was ready; `arg` says which.
bool is_unpark_by_readiness(const UnitEvent& event);

/// The first step, in words, by which a unit or a carrier left the state diagram of vthreads; nothing if none
/// did. The events are those of a whole run, sorted.
std::optional<std::string> first_illegal_step(std::span<const UnitEvent> events);

}  // namespace vtlab
