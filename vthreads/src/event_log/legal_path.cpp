// legal_path.cpp — whether records tell a possible story. A second description of the life of a vthread, written
// in terms of what the log shows; the first is the table in vthread.h.
#include <algorithm>
#include <unordered_map>
#include <unordered_set>

#include "vthreads/event_log.h"

namespace vthreads {
namespace {

using enum EventKind;

enum class Where { unborn, runnable, running, parking, parked, pinned, blocking, ended, gone };

std::string_view name_of(Where where) {
  constexpr std::string_view kWords[] = {"not started",   "runnable", "running",
                                         "about to park", "parked",   "pinned",
                                         "blocking",      "finished", "gone"};
  return kWords[static_cast<std::size_t>(where)];
}

constexpr int kAny = -1;

struct Step {
  EventKind kind;
  int reason;
  Where from, to;
};

constexpr int of(UnmountReason reason) {
  return static_cast<int>(reason);
}

constexpr Step kSteps[] = {
    {start, kAny, Where::unborn, Where::runnable},
    {mount, kAny, Where::runnable, Where::running},
    {park, kAny, Where::running, Where::parking},
    {unmount, of(UnmountReason::park), Where::parking, Where::parked},
    {unmount, of(UnmountReason::yield), Where::running, Where::runnable},
    {unmount, of(UnmountReason::blocking), Where::running, Where::runnable},
    {unmount, of(UnmountReason::done), Where::ended, Where::gone},
    {unmount, of(UnmountReason::done_to_joiner), Where::ended, Where::gone},
    {unpark, kAny, Where::parked, Where::runnable},
    {pin_wait, kAny, Where::running, Where::pinned},
    {pin_resume, kAny, Where::pinned, Where::running},
    {blocking_enter, kAny, Where::running, Where::blocking},
    {blocking_exit, kAny, Where::blocking, Where::running},
    {done, kAny, Where::running, Where::ended},
};

bool fits(const Step& step, const Event& event) {
  return step.kind == event.kind && (step.reason == kAny || step.reason == event.reason);
}

// What only the carrier on which the vthread is mounted can do.
bool is_by_itself(EventKind kind) {
  return kind != start && kind != mount && kind != unpark && kind != signal;
}

class Story {
 public:
  std::optional<std::string> tell(const Event& event) {
    if (event.kind == lost) {
      holes_.insert(event.carrier);
    } else if (holes_.erase(event.carrier) != 0 && holes_.empty()) {
      vthreads_.clear();  // whatever happened to them in the meantime
      mounted_.clear();
      has_forgotten_ = true;
    }
    if (!holes_.empty() || event.vthread == 0 || event.kind == compensate) return {};
    const auto known = vthreads_.find(event.vthread);
    if (known == vthreads_.end() && has_forgotten_) return meet(event);
    Where& where = known != vthreads_.end() ? known->second : vthreads_[event.vthread];
    if (event.kind == signal && where != Where::unborn) return {};
    const auto* const step = std::find_if(std::begin(kSteps), std::end(kSteps), [&](const Step& s) {
      return fits(s, event) && s.from == where;
    });
    if (step == std::end(kSteps))
      return complain(event, "the vthread is " + std::string(name_of(where)));
    where = step->to;
    return check_carrier(event);
  }

 private:
  static std::string complain(const Event& event, const std::string& why) {
    std::string what =
        "vthread " + std::to_string(event.vthread) + ": " + std::string(name_of(event.kind));
    if (const auto reason = reason_name_of(event); !reason.empty())
      what += " (" + std::string(reason) + ")";
    what += event.carrier == kOutside ? " from outside"
                                      : " on carrier " + std::to_string(event.carrier);
    return what + " at " + std::to_string(event.ns) + " ns, but " + why;
  }

  // Its first record after a gap.
  std::optional<std::string> meet(const Event& event) {
    const auto* const step = std::find_if(std::begin(kSteps), std::end(kSteps),
                                          [&](const Step& s) { return fits(s, event); });
    if (step == std::end(kSteps)) return {};  // a signal tells nothing
    vthreads_[event.vthread] = step->to;
    if (is_by_itself(event.kind)) mounted_[event.carrier] = event.vthread;
    return check_carrier(event);
  }

  std::optional<std::string> check_carrier(const Event& event) {
    std::uint64_t& mounted = mounted_[event.carrier];
    if (event.kind == mount) {
      if (event.carrier == kOutside) return complain(event, "there is no carrier");
      if (mounted != 0)
        return complain(event, "vthread " + std::to_string(mounted) + " is mounted there");
      mounted = event.vthread;
    } else if (is_by_itself(event.kind)) {
      if (mounted != event.vthread) return complain(event, "it is not mounted there");
      if (event.kind == unmount) mounted = 0;
    }
    return {};
  }

  std::unordered_map<std::uint64_t, Where> vthreads_;
  std::unordered_map<std::uint32_t, std::uint64_t> mounted_;  // by carrier
  std::unordered_set<std::uint32_t> holes_;                   // carriers in a gap
  bool has_forgotten_ = false;
};

}  // namespace

void sort_by_time(std::span<Event> events) {
  std::stable_sort(events.begin(), events.end(),
                   [](const Event& a, const Event& b) { return a.ns < b.ns; });
}

std::optional<std::string> first_illegal_step(std::span<const Event> events) {
  Story story;
  for (const Event& event : events) {
    if (auto wrong = story.tell(event)) return wrong;
  }
  return {};
}

}  // namespace vthreads
