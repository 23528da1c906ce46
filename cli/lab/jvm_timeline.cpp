#include "lab/jvm_timeline.h"

#include "probes/functions.h"

namespace vtlab::lab {

using result::Timeline;

namespace {

// Of VirtualThread.state: the same numbers in JDK 21 to 25, of which those from 12 on are new in 24.
constexpr std::uint32_t kYielding = 10, kYielded = 11;

std::string_view reason_of(std::uint32_t state) {
  switch (state) {
    case 6:  // TIMED_PARKING
    case 7:
      return "with a deadline";
    case 12:  // BLOCKING
    case 13:
      return "a monitor";
    case 15:  // WAITING
    case 16:
      return "Object.wait";
    case 17:  // TIMED_WAITING
    case 18:
      return "Object.wait with a deadline";
    default:
      return {};
  }
}

// freeze_result of hotspot/share/runtime/continuation.hpp.
std::string_view pinned_by(std::uint32_t result) {
  switch (result) {
    case 2:
      return "critical section";
    case 3:
      return "native frame";
    case 4:
      return "a monitor is held";
    default:
      return {};
  }
}

constexpr std::uint32_t kThawTop = 0;  // others bring back more frames of one that is there already

}  // namespace

bool tells_always(std::string_view words) {
  return words.find("_notifyJvmtiVThreadMount") != std::string_view::npos &&
         words.find("DisableIntrinsic=") != std::string_view::npos;
}

void JvmTimeline::take(const JvmPass& pass) {
  const std::uint32_t task = to_.task(pass.tid, pass.at_ns);
  if (task == Timeline::kNobody) return;
  always_ ? told(pass, task, carriers_[task]) : seen(pass, task, carriers_[task]);
}

void JvmTimeline::told(const JvmPass& pass, std::uint32_t task, Carrier& carrier) {
  switch (pass.step) {
    case JvmStep::mount:
      if (pass.hide) {
        carrier = {.unit = who(pass, task)};
        to_.mount(pass.at_ns, *carrier.unit, task);
        name_carrier(task);
      } else if (carrier.leaves_ns != 0) {
        stayed(task, carrier);
      }
      return;
    case JvmStep::unmount:
      if (pass.hide) {
        if (!carrier.unit) carrier.unit = who(pass, task);  // there since before the window
        carrier.leaves_ns = pass.at_ns;
        carrier.state = pass.detail;
      } else {
        if (carrier.leaves_ns == 0 && carrier.unit) {
          carrier.leaves_ns = pass.at_ns;
          carrier.state = pass.detail;
        }
        left(task, carrier, reason_of(carrier.state));
      }
      return;
    case JvmStep::ended:
      to_.event({.at_ns = pass.at_ns,
                 .task = task,
                 .unit = who(pass, task),
                 .kind = Timeline::Kind::done});
      to_.unmount(pass.at_ns, task, Timeline::MountEnd::done);
      carrier = {};
      return;
    case JvmStep::pinned:
      carrier.why = pinned_by(pass.detail);
      return;
    case JvmStep::none:
    case JvmStep::freeze:
    case JvmStep::thaw:
      return;
  }
}

// A mount is one between a thaw and a freeze with nothing of this carrier between them. That a freeze was in vain is
// known after it.
void JvmTimeline::seen(const JvmPass& pass, std::uint32_t task, Carrier& carrier) {
  switch (pass.step) {
    case JvmStep::thaw:
      if (pass.detail != kThawTop) return;
      left(task, carrier, "freeze");
      to_.forget(task);  // nobody saw its end
      carrier = {.unit = anybody(task)};
      to_.mount(pass.at_ns, *carrier.unit, task);
      name_carrier(task);
      return;
    case JvmStep::freeze:
      left(task, carrier, "freeze");
      carrier.leaves_ns = pass.at_ns;
      name_carrier(task);
      return;
    case JvmStep::pinned:
      carrier.why = pinned_by(pass.detail);
      if (carrier.leaves_ns != 0) stayed(task, carrier);
      return;
    case JvmStep::none:
    case JvmStep::mount:
    case JvmStep::unmount:
    case JvmStep::ended:
      return;
  }
}

void JvmTimeline::finish() {
  if (always_) return;
  for (auto& [task, carrier] : carriers_) {
    left(task, carrier, "freeze");
    to_.forget(task);
  }
}

void JvmTimeline::left(std::uint32_t task, Carrier& carrier, std::string_view reason) {
  const std::uint64_t at_ns = carrier.leaves_ns;
  if (at_ns == 0) return;
  const bool yields = always_ && (carrier.state == kYielding || carrier.state == kYielded);
  if (!yields && (carrier.unit || !always_))
    to_.event({.at_ns = at_ns,
               .task = task,
               .unit = carrier.unit.value_or(Timeline::kNobody),
               .reason = to_.word(reason),
               .kind = Timeline::Kind::park});
  to_.unmount(at_ns, task, yields ? Timeline::MountEnd::yielded : Timeline::MountEnd::parked);
  carrier = {};
}

void JvmTimeline::stayed(std::uint32_t task, Carrier& carrier) {
  const bool waits = !always_ || carrier.state != kYielding;
  if (waits)
    to_.event({.at_ns = carrier.leaves_ns,
               .task = task,
               .unit = carrier.unit.value_or(Timeline::kNobody),
               .reason = to_.word(carrier.why),
               .kind = Timeline::Kind::pin});
  carrier.leaves_ns = 0;
}

std::uint32_t JvmTimeline::who(const JvmPass& pass, std::uint32_t task) {
  if (pass.thread == probes::kFieldNotRead) return anybody(task);
  const std::uint32_t unit = to_.unit(pass.thread);
  if (!to_.has_name(unit)) to_.name(unit, "virtual thread " + std::to_string(pass.thread));
  return unit;
}

// One for each carrier, so that nobody is at two places at once.
std::uint32_t JvmTimeline::anybody(std::uint32_t task) {
  constexpr std::uint64_t kNoThreadId = std::uint64_t{1} << 40;
  const std::uint32_t unit = to_.unit(kNoThreadId + task);
  if (!to_.has_name(unit)) to_.name(unit, "some virtual thread");
  return unit;
}

void JvmTimeline::name_carrier(std::uint32_t task) {
  std::string& role = timeline_.tasks[task].role;
  if (role.empty()) role = "carrier " + std::to_string(named_++);
}

}  // namespace vtlab::lab
