// task_tree.h — events of births and deaths → which process made what, and how many are alive.
//
// Rule      Pure: no system calls, so a test can feed it. Events must come in the order of the ring,
//           in which a task is born before it acts.
// Rule      A tid or tgid may be used again: each is forgotten when its owner ends.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "probes/session.h"

namespace vtlab::lab {

class TaskTree {
 public:
  static constexpr std::size_t kMostListed = 65536;  // 10 MiB of processes

  struct Process {
    std::uint32_t tgid = 0;
    std::optional<std::size_t> by;  ///< place in processes() of its creator
    std::string name;               ///< at its end, or as name_the_living() found it
    bool was_there = false;
    std::uint64_t threads_made = 0, processes_made = 0;
    std::uint64_t alive = 0;  ///< tasks
  };

  /// A process that was there, with the tids that it had; a parent goes before its children.
  void begin_with(std::uint32_t tgid, const std::vector<std::uint32_t>& tids,
                  std::optional<std::uint32_t> parent = {});
  void take(const probes::Event& event);

  const std::vector<Process>& processes() const { return processes_; }
  /// Gives each living process the name that `name_of` finds for its tgid, if that is not empty.
  void name_the_living(const std::function<std::string(std::uint32_t)>& name_of);
  std::vector<std::uint32_t> living() const;  ///< tgids, in no order
  bool knows(std::uint32_t tgid) const { return living_.contains(tgid); }
  std::uint64_t not_listed() const { return not_listed_; }
  std::uint64_t threads() const { return threads_; }  ///< born, since begin_with
  std::uint64_t new_processes() const { return new_processes_; }
  std::uint64_t alive() const { return alive_; }
  std::uint64_t most_alive() const { return most_alive_; }

 private:
  void started(const probes::Event& event);
  void exited(const probes::Event& event);
  std::optional<std::size_t> process_of(std::uint32_t tid) const;
  std::optional<std::size_t> add(std::uint32_t tgid);

  std::vector<Process> processes_;
  std::unordered_map<std::uint32_t, std::size_t> living_;  // tgid → place
  std::unordered_map<std::uint32_t, std::uint32_t>
      tgid_of_;  // tid → tgid, of threads that are no leaders
  std::uint64_t not_listed_ = 0, threads_ = 0, new_processes_ = 0, alive_ = 0, most_alive_ = 0;
};

}  // namespace vtlab::lab
