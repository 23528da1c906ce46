// player.h — a recorded run as frames: what was known at a moment of it.
//
// Owns      the moments in their order, 24 bytes each; what is played stays its owner's and must live longer.
// Cost      going on costs the moments in between, going back those from the beginning on: milliseconds for a million.
// Rule      Pure: a frame depends on the time only, not on what was asked before.
// Threads   One at a time.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "render/frame.h"
#include "result/observed.h"
#include "result/result.h"

namespace vtlab::render {

/// What can be played. With creations alone tasks are seen to be made, and nothing else.
struct Played {
  std::string title;
  const result::Timeline* timeline = nullptr;    ///< null: there is none
  const result::Creations* creations = nullptr;  ///< null: there are none
  std::vector<result::LedgerRow> ledger;         ///< may be empty
};

Played played(const result::Result& result);
Played played(const result::Observed& observed);

class Player {
 public:
  /// At least one of timeline and creations must be there.
  explicit Player(const Played& played);
  Player(const Player&) = delete;
  Player& operator=(const Player&) = delete;

  std::uint64_t length_ns() const { return timeline_.length_ns; }
  /// The moment after and before this one; the end and the beginning if there is none.
  std::uint64_t next(std::uint64_t at_ns) const;
  std::uint64_t previous(std::uint64_t at_ns) const;
  /// Without pace and keys, which are of whoever plays. Of what has happened the last `latest`.
  Frame at(std::uint64_t at_ns, std::size_t latest);

 private:
  // In the order in which they are told if they have one time: a unit leaves before the next one comes.
  enum class What : std::uint8_t {
    birth,
    failure,
    run_end,
    woken,
    run_begin,
    end_of_wait,
    mount_end,
    event,
    mount_begin,
    death
  };
  struct Moment {
    std::uint64_t at_ns;
    std::uint32_t place;  // in the list of its kind
    What what;
  };
  enum State : std::uint8_t { not_started, under_way, runnable, running, held, waiting, finished };
  static constexpr std::size_t kStates = 7;
  static constexpr std::uint32_t kNobody = result::Timeline::kNobody;

  static result::Timeline from_creations(const result::Creations& creations);
  void collect();
  void choose_places();
  void restart();
  void advance(std::uint64_t at_ns);
  void apply(const Moment& moment);
  void apply(const result::Timeline::Event& event);
  void set(std::uint32_t unit, State state);
  bool is_told(const Moment& moment) const;
  std::string tell(const Moment& moment) const;
  std::string birth(std::uint32_t task) const;
  void add_tasks(Frame& frame) const;
  void add_units(Frame& frame) const;
  void add_places(Frame& frame) const;

  const Played played_;
  const result::Timeline own_;  // of creations, if there is nothing else
  const result::Timeline& timeline_;
  bool has_mounts_ = false, units_are_tasks_ = false, waits_are_held_ = false;
  std::vector<Moment> moments_;
  std::vector<std::uint32_t> carriers_;  // tasks
  std::vector<std::uint16_t> cpus_;
  std::vector<const result::Creation*> creation_of_;  // by task; null: none is known
  std::vector<bool> ledger_is_told_;                  // by row: births agree with it

  // At the time of the last frame.
  std::size_t next_ = 0;  // in moments_
  std::vector<State> states_;
  std::vector<std::uint64_t> count_;    // of units, by state
  std::vector<std::uint32_t> on_task_;  // the unit, by task
  std::vector<std::uint32_t> on_cpu_;   // the task, by cpus_
  std::vector<std::uint32_t> cpu_of_;   // by task
  std::vector<bool> asleep_;            // by task: it has no unit to run
  std::vector<std::uint64_t> made_by_row_;
  std::uint64_t made_ = 0, alive_ = 0, runs_ = 0, mounts_ = 0, parks_ = 0, failures_ = 0;
};

}  // namespace vtlab::render
