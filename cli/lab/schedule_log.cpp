#include "lab/schedule_log.h"

#include <unistd.h>

#include "lab/procfs.h"
#include "lab/schedule.h"
#include "scenarios/actions.h"

namespace vtlab::lab {
namespace {

constexpr const char* kNotBornHere = "first-thread";  // in the place of an action's key
constexpr const char* kUnknown = "(unknown)";

// Of a task that was there before and still is: its process.
std::string name_now(std::uint32_t tid) {
  const auto tgid = static_cast<std::uint32_t>(read_status(static_cast<pid_t>(tid)).tgid);
  const std::string name = tgid ? comm_of(tgid, tgid) : std::string();
  return name.empty() ? kUnknown : name;
}

// "worker-12" and "worker-13" do the same work.
std::string without_number(std::string name) {
  const auto last = name.find_last_not_of("0123456789");
  if (last != std::string::npos && last + 1 != name.size()) name.replace(last + 1, name.npos, "*");
  return name;
}

std::string why_lost(const probes::SwitchLoss& loss) {
  std::string why = std::to_string(loss.total()) + " switches were lost";
  if (loss.no_room_in_ring != 0)
    why += ", " + std::to_string(loss.no_room_in_ring) + " because vtlab was too slow";
  if (loss.no_room_in_file != 0)
    why += ", " + std::to_string(loss.no_room_in_file) +
           " because their file took no more: " + loss.because;
  return why + "; between the first and the last of them " +
         std::to_string((loss.last_ns - loss.first_ns) / 1'000'000) + " ms";
}

}  // namespace

void ScheduleLog::take(const probes::Event& event) {
  using probes::EventKind;
  if (event.kind != EventKind::started && event.kind != EventKind::exited) return;
  std::vector<Life>& lives = lives_[event.tid];
  if (event.kind == EventKind::started) {
    lives.push_back({event.tgid, event.action, true, false, {}});
    if (event.stack_pages == 0) return;
    stacks_differ_ =
        stacks_differ_ || stack_pages_.value_or(event.stack_pages) != event.stack_pages;
    stack_pages_ = event.stack_pages;
    return;
  }
  if (lives.empty() || lives.back().ended) lives.push_back({event.tgid, 0, false, false, {}});
  lives.back().ended = true;
  lives.back().name = event.comm.data();
}

// Lives come in the order of their births, and so do the first switches to them.
std::string ScheduleLog::group_of(std::uint32_t tid, bool born) {
  const auto known = lives_.find(tid);
  const bool by_action = grouping_ == TaskGrouping::by_action;
  if (known == lives_.end()) return by_action ? kNotBornHere : name_now(tid);
  std::size_t& place = next_life_[tid];
  const std::vector<Life>& lives = known->second;
  while (place < lives.size() && lives[place].born_here != born) ++place;
  if (place == lives.size()) return by_action ? kNotBornHere : kUnknown;
  const Life& life = lives[place++];
  if (!by_action) return name_of(tid, life);
  return life.born_here ? std::string(action_key(life.action)) : kNotBornHere;
}

std::string ScheduleLog::name_of(std::uint32_t tid, const Life& life) const {
  const auto leader = lives_.find(life.tgid);
  std::string process;
  if (leader != lives_.end() && !leader->second.empty()) process = leader->second.back().name;
  if (process.empty()) process = life.name.empty() ? kUnknown : life.name;
  const std::string own = without_number(life.name);
  return tid == life.tgid || life.name.empty() || life.name == process ? process
                                                                       : process + ": " + own;
}

void ScheduleLog::name_the_living() {
  for (auto& [tid, lives] : lives_)
    if (!lives.empty() && !lives.back().ended) lives.back().name = comm_of(lives.back().tgid, tid);
}

result::Scheduling ScheduleLog::end() {
  recorder_.stop();
  if (grouping_ == TaskGrouping::by_name) name_the_living();
  Schedule schedule([this](std::uint32_t tid, bool born) { return group_of(tid, born); });
  recorder_.replay([&](const probes::Switch& s) { schedule.take(s); });
  result::Scheduling out = schedule.finish();
  out.by_action = grouping_ == TaskGrouping::by_action;
  if (stack_pages_ && !stacks_differ_)
    out.memory.stack = std::uint64_t{*stack_pages_} * static_cast<std::uint64_t>(getpagesize());
  out.memory.task_struct = probes::size_of_kernel_struct("task_struct");
  out.memory.signal_struct = probes::size_of_kernel_struct("signal_struct");
  out.memory.sighand_struct = probes::size_of_kernel_struct("sighand_struct");
  out.memory.mm_struct = probes::size_of_kernel_struct("mm_struct");
  const probes::SwitchLoss loss = recorder_.lost();
  out.lost = loss.total();
  if (out.lost != 0) out.void_because = why_lost(loss);
  return out;
}

}  // namespace vtlab::lab
