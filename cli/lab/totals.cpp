#include "lab/totals.h"

#include <algorithm>
#include <string>
#include <string_view>

#include "lab/creations.h"

namespace vtlab::lab {
namespace {

const result::ProbeNote* find(const std::vector<result::ProbeNote>& probes,
                              std::string_view counter) {
  const auto found = std::find_if(probes.begin(), probes.end(),
                                  [&](const auto& probe) { return probe.counter == counter; });
  return found == probes.end() ? nullptr : &*found;
}

std::string why_not(const result::ProbeNote* probe) {
  std::string why = "only the rung tp_btf tells";
  if (!probe) return why;
  if (!probe->rung.empty()) return why + ", and " + probe->rung + " answers";
  for (const result::TriedRung& tried : probe->tried)
    why += "; " + tried.rung + " " + tried.hook + ": " + tried.because;
  return why;
}

std::uint64_t count_before(const probes::Totals& before, const probes::AttemptCount& now) {
  for (const probes::AttemptCount& row : before.attempts)
    if (row.call == now.call && row.kind == now.kind && row.error == now.error) return row.count;
  return 0;
}

result::AttemptCount to_result(const probes::AttemptCount& row, std::uint64_t count) {
  constexpr const char* kCalls[] = {"", "clone", "clone3", "fork", "vfork"};
  constexpr const char* kKinds[] = {"", "thread", "process"};
  return {kCalls[static_cast<std::size_t>(row.call)], kKinds[static_cast<std::size_t>(row.kind)],
          row.error == 0 ? "" : error_name(row.error), count};
}

}  // namespace

result::Totals to_result(const probes::Totals& before, const probes::Totals& now,
                         const std::vector<result::ProbeNote>& probes) {
  result::Totals out;
  const result::ProbeNote* switches = find(probes, "switches");
  if (switches && switches->rung == "tp_btf") {
    out.voluntary = now.voluntary - before.voluntary;
    out.preempted = now.preempted - before.preempted;
  } else {
    out.switches_missing_because = why_not(switches);
  }
  if (out.voluntary && (now.timed != 0 || now.voluntary + now.preempted == 0)) {
    out.on_cpu_ns = now.on_cpu_ns - before.on_cpu_ns;
    out.waits = now.waits - before.waits;
    out.waited_ns = now.waited_ns - before.waited_ns;
    for (std::size_t i = 0; i < now.wait.size(); ++i)
      if (now.wait[i] != before.wait[i])
        out.wait.push_back({std::uint64_t{1000} << i, now.wait[i] - before.wait[i]});
  } else {
    out.times_missing_because = out.voluntary ? "this kernel does not show the clock of a run queue"
                                              : out.switches_missing_because;
  }
  const result::ProbeNote* migrations = find(probes, "migrations");
  if (migrations && migrations->count)
    out.migrations = migrations->count;
  else
    out.migrations_missing_because = why_not(migrations);
  for (const probes::AttemptCount& row : now.attempts)
    if (const std::uint64_t count = row.count - count_before(before, row); count != 0)
      out.attempts.push_back(to_result(row, count));
  out.lost_attempts = now.lost_attempts - before.lost_attempts;
  return out;
}

}  // namespace vtlab::lab
