// go_timeline.h — passes of Go's scheduler → where each goroutine ran and why it waited, on a timeline.
//
// Rule      A goroutine is its g's address; one that ended gives its g to another one, which is another unit.
// Rule      A goroutine that leaves its M without a word has yielded, was preempted, or has lost its P in a system call.
// Owns      nothing: the timeline is the caller's.
// Threads   One at a time.
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "lab/unit_timeline.h"

namespace vtlab::lab {

/// What a pass of a function says of a goroutine.
enum class GoStep : std::uint8_t { none, mount, park, ready, ended, call, call_over };

struct GoPass {
  std::uint64_t at_ns = 0;  ///< CLOCK_MONOTONIC
  std::uint32_t tid = 0;
  GoStep step{};
  std::uint64_t g = 0;
  std::string reason;  ///< of a park; may be empty
};

class GoTimeline {
 public:
  explicit GoTimeline(UnitTimeline& to) : to_(to) {}

  void take(const GoPass& pass);  ///< in order of time

 private:
  struct Goroutine {
    std::uint32_t unit = result::Timeline::kNobody;
    std::uint32_t task = result::Timeline::kNobody;  // that it is on
    bool in_call = false;
  };
  Goroutine& of(std::uint64_t g);
  void leave(std::uint64_t at_ns, Goroutine& who, result::Timeline::MountEnd how);

  UnitTimeline& to_;
  std::unordered_map<std::uint64_t, Goroutine> living_;       // by g
  std::unordered_map<std::uint32_t, std::uint64_t> on_task_;  // g
  std::uint64_t units_ = 0;
};

}  // namespace vtlab::lab
