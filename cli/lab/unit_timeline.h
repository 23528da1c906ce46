// unit_timeline.h — what a runtime says of its units → mounts and events of a timeline, on the lanes of the tasks that
// the kernel told of. For our own runtimes and for others, whose events come from probes.
//
// Rule      Times are CLOCK_MONOTONIC, as those of the timeline yet; to be told in order of time.
// Rule      Bounded: of more than kMostMounts and kMostEvents the later ones are counted, not kept.
// Owns      nothing: the timeline is the caller's.
// Threads   One at a time.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "result/timeline.h"

namespace vtlab::lab {

class UnitTimeline {
 public:
  static constexpr std::size_t kMostMounts = std::size_t{1} << 22,
                               kMostEvents = std::size_t{1} << 22;

  explicit UnitTimeline(result::Timeline& timeline);

  /// The life of this tid at that time; kNobody: no such task is observed.
  std::uint32_t task(std::uint32_t tid, std::uint64_t at_ns) const;
  /// By the runtime's word for it; it becomes one of the timeline's, if it is not yet.
  std::uint32_t unit(std::uint64_t id);
  std::uint32_t word(std::string_view text);  ///< for Event::reason; empty: kNobody
  result::Timeline::Unit& operator[](std::uint32_t unit) { return timeline_.units[unit]; }
  bool has_name(std::uint32_t unit) const;
  void name(std::uint32_t unit, std::string name);

  /// A unit is on a task from now on; whatever was there is not any more. A task that is kNobody is passed over.
  void mount(std::uint64_t at_ns, std::uint32_t unit, std::uint32_t task);
  /// What is on the task leaves it.
  void unmount(std::uint64_t at_ns, std::uint32_t task, result::Timeline::MountEnd how);
  /// What is on the task was there, and nobody knows until when: no mount.
  void forget(std::uint32_t task);
  void event(const result::Timeline::Event& event);
  void lost(const std::string& what, std::uint64_t count);

  /// Once, at last: what is mounted still stays so until then.
  void finish(std::uint64_t end_ns);

 private:
  result::Timeline& timeline_;
  std::unordered_map<std::uint32_t, std::vector<std::uint32_t>>
      tasks_;                                               // by tid, in order of birth
  std::unordered_map<std::uint64_t, std::uint32_t> units_;  // by id
  std::unordered_map<std::string, std::uint32_t> words_;
  std::unordered_map<std::uint32_t, std::size_t> mounted_;  // by task: a place in the mounts
  std::uint64_t mounts_not_kept_ = 0, events_not_kept_ = 0;
  bool any_forgotten_ = false;
};

}  // namespace vtlab::lab
