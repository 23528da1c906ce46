#include "lab/bpf_observer.h"

#include <algorithm>

#include "lab/creations.h"

namespace vtlab::lab {

std::vector<std::string> BpfObserver::why_not_counting() const {
  std::vector<std::string> reasons;
  for (const probes::Attached& question : session_.attached()) {
    if (question.counter != probes::Counter::wake_new || question.rung) continue;
    for (const probes::Trial& trial : question.refused)
      reasons.push_back(std::string(probes::name(trial.rung)) + " " + trial.hook + ": " +
                        trial.because);
    if (reasons.empty()) reasons.emplace_back("no program for this rung");
  }
  return reasons;
}

void BpfObserver::begin(pid_t tgid) {
  root_ = static_cast<std::uint32_t>(tgid);
  session_.follow(root_, 1);
  session_.drain([](const probes::Event&) {});
  session_.take_unfinished([](const probes::Creation&) {});
  steps_.clear();
  creations_.clear();
  misses_before_.clear();
  for (const probes::Attached& question : session_.attached())
    misses_before_[question.counter] = question.recursion_misses.value_or(0);
  before_ = session_.read();
}

void BpfObserver::service() {
  session_.drain(
      [this](const probes::Event& event) {
        if (event.kind == probes::EventKind::started) steps_.emplace_back(event.time_ns, +1);
        if (event.kind == probes::EventKind::exited) steps_.emplace_back(event.time_ns, -1);
      },
      [this](const probes::Creation& creation) { creations_.push_back(to_result(creation)); });
}

// What was made and has not run when the window ends is a record too.
result::Creations BpfObserver::take_creations(const probes::Snapshot& now) {
  session_.take_unfinished(
      [this](const probes::Creation& creation) { creations_.push_back(to_result(creation)); });
  result::Creations out;
  out.stages = stage_notes(session_.attached());
  out.records = std::move(creations_);
  out.lost = now.lost_creations - before_.lost_creations;
  if (out.lost != 0) out.void_because = std::to_string(out.lost) + " records were lost";
  return out;
}

KernelView BpfObserver::end() {
  service();
  const probes::Snapshot now = session_.read();
  session_.forget(root_);

  KernelView view;
  const auto count = [&](probes::Counter counter) -> std::optional<std::uint64_t> {
    const auto index = static_cast<std::size_t>(counter);
    if (!now.counts[index]) return std::nullopt;
    return *now.counts[index] - before_.counts[index].value_or(0);
  };
  view.kernel_tasks = count(probes::Counter::wake_new);
  view.switches = count(probes::Counter::switches);
  const bool sharing_known = count(probes::Counter::copy_process).has_value();
  if (view.kernel_tasks) {
    for (std::size_t action = 0; action < now.ledger.size(); ++action) {
      KernelView::Row row{now.ledger[action].kernel_tasks - before_.ledger[action].kernel_tasks,
                          {}};
      if (sharing_known)
        row.sharing_mm = now.ledger[action].sharing_mm - before_.ledger[action].sharing_mm;
      view.by_action.push_back(row);
    }
  }
  view.lost_events = now.lost_events - before_.lost_events;
  if (view.lost_events == 0 && view.kernel_tasks && count(probes::Counter::exits)) {
    std::sort(steps_.begin(), steps_.end());
    std::int64_t alive = 1, most = 1;
    for (const auto& [time, step] : steps_) most = std::max(most, alive += step);
    view.peak_alive = static_cast<std::uint64_t>(most);
  }
  view.probes = notes(now);
  if (records_creations_) view.creations = take_creations(now);
  for (const result::ProbeNote& probe : view.probes) {
    if (probe.recursion_misses.value_or(0) == 0) continue;
    const std::string because = "the kernel skipped " + std::to_string(*probe.recursion_misses) +
                                " runs of the probe on " + probe.hook;
    if (view.creations) view.creations->void_because = because;
    // The ledger does not rest on the probes of system calls.
    if (probe.counter != "sys_enter" && probe.counter != "sys_exit") view.void_because = because;
  }
  if (now.lost_processes != before_.lost_processes)
    view.void_because = "the observed tree has more processes than can be followed at once";
  return view;
}

std::vector<result::ProbeNote> BpfObserver::notes(const probes::Snapshot& now) const {
  std::vector<result::ProbeNote> notes;
  for (const probes::Attached& question : session_.attached()) {
    const probes::CounterText& text = probes::text(question.counter);
    const auto index = static_cast<std::size_t>(question.counter);
    result::ProbeNote note;
    note.counter = text.id;
    note.question = text.question;
    if (question.rung) {
      note.rung = probes::name(*question.rung);
      note.hook = question.hook;
      note.meaning = probes_function(*question.rung) ? text.function_means : text.tracepoint_means;
      note.count = *now.counts[index] - before_.counts[index].value_or(0);
      if (question.recursion_misses)
        note.recursion_misses = *question.recursion_misses - misses_before_.at(question.counter);
    }
    for (const probes::Trial& trial : question.refused)
      note.tried.push_back({std::string(probes::name(trial.rung)), trial.hook, trial.because});
    notes.push_back(std::move(note));
  }
  return notes;
}

}  // namespace vtlab::lab
