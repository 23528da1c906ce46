#include "lab/task_tree.h"

#include <algorithm>
#include <utility>

namespace vtlab::lab {

std::optional<std::size_t> TaskTree::add(std::uint32_t tgid) {
  living_.erase(tgid);  // of an owner whose end was lost
  if (processes_.size() == kMostListed) {
    ++not_listed_;
    return std::nullopt;
  }
  living_[tgid] = processes_.size();
  processes_.emplace_back();
  processes_.back().tgid = tgid;
  return processes_.size() - 1;
}

std::optional<std::size_t> TaskTree::process_of(std::uint32_t tid) const {
  const auto thread = tgid_of_.find(tid);
  const auto found = living_.find(thread == tgid_of_.end() ? tid : thread->second);
  if (found == living_.end()) return std::nullopt;
  return found->second;
}

void TaskTree::begin_with(std::uint32_t tgid, const std::vector<std::uint32_t>& tids,
                          std::optional<std::uint32_t> parent) {
  const auto by = parent ? process_of(*parent) : std::nullopt;
  alive_ += tids.size();
  most_alive_ = std::max(most_alive_, alive_);
  const auto place = add(tgid);
  if (!place) return;
  processes_[*place].by = by;
  processes_[*place].was_there = true;
  processes_[*place].alive = tids.size();
  for (const std::uint32_t tid : tids) {
    if (tid != tgid) tgid_of_[tid] = tgid;
  }
}

void TaskTree::name_the_living(const std::function<std::string(std::uint32_t)>& name_of) {
  for (const auto& [tgid, place] : living_) {
    if (std::string name = name_of(tgid); !name.empty()) processes_[place].name = std::move(name);
  }
}

std::vector<std::uint32_t> TaskTree::living() const {
  std::vector<std::uint32_t> tgids;
  for (const auto& [tgid, place] : living_) tgids.push_back(tgid);
  return tgids;
}

void TaskTree::take(const probes::Event& event) {
  if (event.kind == probes::EventKind::started) started(event);
  if (event.kind == probes::EventKind::exited) exited(event);
}

void TaskTree::started(const probes::Event& event) {
  const auto creator = process_of(event.by_tid);
  const bool is_thread = event.tid != event.tgid;
  // Its process joined a moment ago and was listed with this thread, which is counted already.
  const auto listed = tgid_of_.find(event.tid);
  const bool is_listed = is_thread && listed != tgid_of_.end() && listed->second == event.tgid;
  if (!is_listed) most_alive_ = std::max(most_alive_, ++alive_);
  ++(is_thread ? threads_ : new_processes_);
  if (creator) {
    Process& maker = processes_[*creator];
    ++(is_thread ? maker.threads_made : maker.processes_made);
  }
  if (is_thread) {
    tgid_of_[event.tid] = event.tgid;
    const auto own = living_.find(event.tgid);
    if (own != living_.end() && !is_listed) ++processes_[own->second].alive;
    return;
  }
  tgid_of_.erase(event.tid);
  if (const auto place = add(event.tgid)) {
    processes_[*place].by = creator;
    processes_[*place].alive = 1;
  }
}

void TaskTree::exited(const probes::Event& event) {
  alive_ -= alive_ > 0;
  tgid_of_.erase(event.tid);
  const auto own = living_.find(event.tgid);
  if (own == living_.end()) return;
  Process& process = processes_[own->second];
  // Of the first thread: others may have names of their own. If another thread calls exec, the first
  // one ends, and that other one ends later under the first one's tid, with the new name.
  if (event.tid == event.tgid) {
    const auto end = std::find(event.comm.begin(), event.comm.end(), '\0');
    process.name.assign(event.comm.begin(), end);
  }
  if (process.alive > 0 && --process.alive == 0) living_.erase(own);
}

}  // namespace vtlab::lab
