#include "lab/probe_window.h"

#include <algorithm>
#include <iterator>

#include "lab/totals.h"

namespace vtlab::lab {

void ProbeWindow::begin() {
  misses_before_.clear();
  for (const probes::Attached& question : session_.attached())
    misses_before_[question.counter] = question.recursion_misses.value_or(0);
  before_ = session_.read();
  totals_before_ = session_.totals();
}

std::optional<result::Totals> ProbeWindow::totals(
    const std::vector<result::ProbeNote>& probes) const {
  const auto now = session_.totals();
  if (!now || !totals_before_) return std::nullopt;
  return to_result(*totals_before_, *now, probes);
}

std::optional<std::uint64_t> ProbeWindow::count(const probes::Snapshot& now,
                                                probes::Counter counter) const {
  const auto index = static_cast<std::size_t>(counter);
  if (!now.counts[index]) return std::nullopt;
  return *now.counts[index] - before_.counts[index].value_or(0);
}

KernelView ProbeWindow::view(const probes::Snapshot& now) const {
  KernelView view;
  view.kernel_tasks = count(now, probes::Counter::wake_new);
  view.switches = count(now, probes::Counter::switches);
  view.exits = count(now, probes::Counter::exits);
  const bool sharing_known = count(now, probes::Counter::copy_process).has_value();
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
  view.probes = notes(&now);
  for (const result::ProbeNote& probe : view.probes) {
    // The ledger does not rest on the probes of system calls and wake-ups.
    constexpr std::string_view kOfOthers[] = {"sys_enter", "sys_exit", "wakeups",
                                              "calls",     "returns",  "migrations"};
    if (std::find(std::begin(kOfOthers), std::end(kOfOthers), probe.counter) != std::end(kOfOthers))
      continue;
    if (const auto because = skipped_runs(probe)) view.void_because = *because;
  }
  if (now.lost_processes != before_.lost_processes)
    view.void_because =
        "a process has a number above what pid_max was when observing began, and was not followed";
  return view;
}

std::vector<result::ProbeNote> ProbeWindow::notes(const probes::Snapshot* now) const {
  std::vector<result::ProbeNote> notes;
  for (const probes::Attached& question : session_.attached()) {
    const probes::CounterText& text = probes::text(question.counter);
    result::ProbeNote note;
    note.counter = text.id;
    note.question = text.question;
    if (question.rung) {
      note.rung = probes::name(*question.rung);
      note.hook = question.hook;
      note.meaning = probes_function(*question.rung) ? text.function_means : text.tracepoint_means;
    }
    if (question.rung && now) {
      note.count = count(*now, question.counter).value();
      if (question.recursion_misses)
        note.recursion_misses = *question.recursion_misses - misses_before_.at(question.counter);
    }
    for (const probes::Trial& trial : question.refused)
      note.tried.push_back({std::string(probes::name(trial.rung)), trial.hook, trial.because});
    notes.push_back(std::move(note));
  }
  return notes;
}

std::optional<std::string> skipped_runs(const result::ProbeNote& probe) {
  if (probe.recursion_misses.value_or(0) == 0) return std::nullopt;
  return "the kernel skipped " + std::to_string(*probe.recursion_misses) +
         " runs of the probe on " + probe.hook;
}

std::vector<std::string> why_not_counting(const probes::Session& session) {
  std::vector<std::string> reasons;
  for (const probes::Attached& question : session.attached()) {
    if (question.counter != probes::Counter::wake_new || question.rung) continue;
    for (const probes::Trial& trial : question.refused)
      reasons.push_back(std::string(probes::name(trial.rung)) + " " + trial.hook + ": " +
                        trial.because);
    if (reasons.empty()) reasons.emplace_back("no program for this rung");
  }
  return reasons;
}

}  // namespace vtlab::lab
