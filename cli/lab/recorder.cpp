#include "lab/recorder.h"

#include <utility>

#include "lab/creations.h"
#include "lab/syscalls.h"
#include "scenarios/unit_log.h"

namespace vtlab::lab {
void Recorder::look_into(std::optional<RuntimeFile> runtime) {
  runtime_.reset();
  if (recording_.looks_into_runtimes() && runtime)
    runtime_.emplace(session_, std::move(*runtime), recording_.timeline);
}

void Recorder::begin() {
  session_.drain([](const probes::Event&) {});
  session_.take_unfinished([](const probes::Creation&) {});
  creations_.clear();
  schedule_.reset();
  if ((recording_.scheduling || recording_.timeline) && !session_.why_no_scheduling())
    schedule_.emplace(session_, grouping_);
  if (recording_.syscalls) session_.forget_calls();
  if (stacks_) stacks_->begin();
  if (runtime_) runtime_->begin();
}

void Recorder::service(const std::function<void(const probes::Event&)>& sink) {
  session_.drain(
      [&](const probes::Event& event) {
        if (schedule_) schedule_->take(event);
        sink(event);
      },
      [this](const probes::Creation& creation) { creations_.push_back(to_result(creation)); });
  if (stacks_) stacks_->service();
  if (runtime_) runtime_->service();
}

result::Details Recorder::end(const probes::Snapshot& now,
                              const std::vector<result::ProbeNote>& probes) {
  result::Details details;
  if (recording_.creations) details.creations.value = take_creations(now, probes);
  if (recording_.scheduling || recording_.timeline) take_schedule(probes, details);
  if (recording_.totals) details.totals.value = window_.totals(probes);
  if (recording_.syscalls) details.syscalls.value = to_result(session_.calls(), probes);
  if (stacks_)
    details.creators.value = stacks_->end(window_.count(now, probes::Counter::wake_new).value_or(0),
                                          now.lost_stacks - window_.before().lost_stacks);
  if (runtime_ && recording_.runtime) {
    details.runtime.value = runtime_->end();
    details.runtime.value->kernel_tasks = window_.count(now, probes::Counter::wake_new);
  }
  if (runtime_ && details.timeline.value) runtime_->tell(*details.timeline.value, monotonic_ns());
  return details;
}

result::Details Recorder::so_far(const std::vector<result::ProbeNote>& probes) const {
  result::Details details;
  if (recording_.totals) details.totals.value = window_.totals(probes);
  if (recording_.syscalls) details.syscalls.value = to_result(session_.calls(), probes);
  return details;
}

// What was made and has not run when the window ends is a record too.
result::Creations Recorder::take_creations(const probes::Snapshot& now,
                                           const std::vector<result::ProbeNote>& probes) {
  session_.take_unfinished(
      [this](const probes::Creation& creation) { creations_.push_back(to_result(creation)); });
  result::Creations out;
  out.stages = stage_notes(session_.attached());
  out.records = std::exchange(creations_, {});
  out.lost = now.lost_creations - window_.before().lost_creations;
  if (out.lost != 0) out.void_because = std::to_string(out.lost) + " records were lost";
  for (const result::ProbeNote& probe : probes) {
    if (const auto because = skipped_runs(probe)) out.void_because = *because;
  }
  return out;
}

void Recorder::take_schedule(const std::vector<result::ProbeNote>& probes, result::Details& to) {
  if (!schedule_) {
    const std::string why = session_.why_no_scheduling().value_or("nothing was observed");
    if (recording_.scheduling) to.scheduling.missing_because = why;
    if (recording_.timeline) to.timeline.missing_because = why;
    return;
  }
  schedule_->end();
  if (recording_.scheduling) to.scheduling.value = schedule_->scheduling();
  if (recording_.timeline) to.timeline.value = schedule_->timeline();
  schedule_.reset();
  for (const result::ProbeNote& probe : probes) {
    if (probe.counter != "switches" && probe.counter != "wakeups") continue;
    const auto because = skipped_runs(probe);
    if (!because) continue;
    if (to.scheduling.value) to.scheduling.value->void_because = *because;
    if (to.timeline.value)
      to.timeline.value->lost.push_back(
          {"runs of the probe " + probe.counter, *probe.recursion_misses});
  }
}

}  // namespace vtlab::lab
