#include "lab/schedule_log.h"

#include <unistd.h>

#include "lab/kernel_timeline.h"
#include "lab/procfs.h"
#include "lab/schedule.h"
#include "scenarios/actions.h"
#include "scenarios/unit_log.h"

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

ScheduleLog::ScheduleLog(const probes::Session& session, TaskGrouping grouping)
    : grouping_(grouping), recorder_(session.switch_rings()), begin_ns_(monotonic_ns()) {}

void ScheduleLog::take(const probes::Event& event) {
  lives_.take(event);
  if (event.kind != probes::EventKind::started || event.stack_pages == 0) return;
  stacks_differ_ = stacks_differ_ || stack_pages_.value_or(event.stack_pages) != event.stack_pages;
  stack_pages_ = event.stack_pages;
}

std::string ScheduleLog::group_of(std::uint32_t tid, bool born, LifeFinder& finder) const {
  const bool by_action = grouping_ == TaskGrouping::by_action;
  const auto place = finder.next(tid, born);
  if (!place) return by_action ? kNotBornHere : lives_.of(tid).empty() ? name_now(tid) : kUnknown;
  const Life& life = lives_.all()[*place];
  if (!by_action) return name_of(life);
  return life.born_here ? std::string(action_key(life.action)) : kNotBornHere;
}

std::string ScheduleLog::name_of(const Life& life) const {
  const auto& leader = lives_.of(life.tgid);
  std::string process = leader.empty() ? "" : lives_.all()[leader.back()].name;
  if (process.empty()) process = life.name.empty() ? kUnknown : life.name;
  const std::string own = without_number(life.name);
  return life.tid == life.tgid || life.name.empty() || life.name == process ? process
                                                                            : process + ": " + own;
}

void ScheduleLog::end() {
  recorder_.stop();
  end_ns_ = monotonic_ns();
  lives_.name_the_living();
}

result::Scheduling ScheduleLog::scheduling() {
  LifeFinder finder(lives_);
  Schedule schedule([&](std::uint32_t tid, bool born) { return group_of(tid, born, finder); });
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

result::Timeline ScheduleLog::timeline() {
  KernelTimeline timeline(lives_, begin_ns_);
  recorder_.replay([&](probes::Switch s) {
    if (s.queued_ns != 0) s.queued_ns = recorder_.to_monotonic(s.cpu, s.queued_ns);
    s.time_ns = recorder_.to_monotonic(s.cpu, s.time_ns);
    timeline.take(s);
  });
  return timeline.finish(end_ns_, recorder_.lost().total());
}

}  // namespace vtlab::lab
