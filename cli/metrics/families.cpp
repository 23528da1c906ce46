#include "metrics/families.h"

#include <algorithm>
#include <string_view>

namespace vtlab::metrics {
namespace {

using result::Observed;
using result::Totals;

constexpr double kSecond = 1e9;  // ns
constexpr std::size_t kMostOfCommand = 200;

const result::Metric* find(const Observed& observed, std::string_view key) {
  for (const result::Metric& metric : observed.counts)
    if (metric.key == key) return &metric;
  return nullptr;
}

std::vector<Sample> one(double value) {
  return {{.labels = {}, .value = value}};
}

std::vector<Sample> of_count(const Facts& facts, std::string_view key) {
  const result::Metric* metric = find(facts.observed, key);
  return metric && metric->value ? one(*metric->value) : std::vector<Sample>();
}

std::vector<Sample> of(const std::optional<std::uint64_t>& value, double divisor = 1) {
  return value ? one(static_cast<double>(*value) / divisor) : std::vector<Sample>();
}

const Totals* totals(const Facts& facts) {
  const auto& value = facts.observed.details.totals.value;
  return value ? &*value : nullptr;
}

std::string or_word(const std::string& text, const char* word) {
  return text.empty() ? word : text;
}

// One per family; the order of kFamilies below.

std::vector<Sample> build(const Facts& facts) {
  return {{{{"version", facts.observed.host.vtlab_version}}, 1}};
}

std::vector<Sample> observed(const Facts& facts) {
  const Observed& o = facts.observed;
  std::string command;
  for (const std::string& word : o.command) command += (command.empty() ? "" : " ") + word;
  if (command.size() > kMostOfCommand) command = command.substr(0, kMostOfCommand) + "…";
  Labels labels;
  const auto add = [&](const char* name, const std::string& value) {
    if (!value.empty()) labels.emplace_back(name, value);
  };
  add("command", command);
  add("pid", o.pid ? std::to_string(*o.pid) : "");
  add("cgroup", o.cgroup);
  add("kernel", o.host.kernel);
  add("observer", o.observer);
  return {{labels, 1}};
}

std::vector<Sample> seconds(const Facts& facts) {
  return one(static_cast<double>(facts.observed.wall_ns) / kSecond);
}

std::vector<Sample> is_void(const Facts& facts) {
  return one(facts.observed.void_because.empty() ? 0 : 1);
}

std::vector<Sample> probes(const Facts& facts) {
  std::vector<Sample> all;
  for (const result::ProbeNote& probe : facts.observed.probes)
    all.push_back({{{"question", probe.counter},
                    {"rung", or_word(probe.rung, "none")},
                    {"hook", or_word(probe.hook, "none")}},
                   1});
  return all;
}

std::vector<Sample> skipped(const Facts& facts) {
  std::vector<Sample> all;
  for (const result::ProbeNote& probe : facts.observed.probes)
    if (probe.recursion_misses)
      all.push_back({{{"question", probe.counter}}, static_cast<double>(*probe.recursion_misses)});
  return all;
}

std::vector<Sample> lost(const Facts& facts) {
  return one(static_cast<double>(facts.observed.lost_events));
}

std::vector<Sample> created(const Facts& facts) {
  std::vector<Sample> all;
  const Totals* t = totals(facts);
  if (!t) return all;
  for (const result::AttemptCount& row : t->attempts)
    if (row.error.empty())
      all.push_back(
          {{{"syscall", or_word(row.call, "none")}, {"kind", or_word(row.kind, "unknown")}},
           static_cast<double>(row.count)});
  return all;
}

std::vector<Sample> failed(const Facts& facts) {
  std::vector<Sample> all;
  const Totals* t = totals(facts);
  if (!t) return all;
  for (const result::AttemptCount& row : t->attempts)
    if (!row.error.empty() && !row.error.starts_with("ERESTART"))
      all.push_back({{{"syscall", or_word(row.call, "none")},
                      {"kind", or_word(row.kind, "unknown")},
                      {"error", row.error}},
                     static_cast<double>(row.count)});
  return all;
}

std::vector<Sample> sharing(const Facts& facts) {
  return of_count(facts, "sharing_mm");
}

std::vector<Sample> exits(const Facts& facts) {
  return of_count(facts, "exits");
}

std::vector<Sample> alive(const Facts& facts) {
  return of(facts.alive);
}

std::vector<Sample> most_alive(const Facts& facts) {
  return of_count(facts, "most_alive");
}

std::vector<Sample> states(const Facts& facts) {
  std::vector<Sample> all;
  if (facts.by_state)
    for (const auto& [state, count] : *facts.by_state)
      all.push_back({{{"state", state}}, static_cast<double>(count)});
  return all;
}

std::vector<Sample> switches(const Facts& facts) {
  const Totals* t = totals(facts);
  if (t && t->voluntary && t->preempted)
    return {{{{"kind", "voluntary"}}, static_cast<double>(*t->voluntary)},
            {{{"kind", "preempted"}}, static_cast<double>(*t->preempted)}};
  std::vector<Sample> all = of_count(facts, "switches");
  for (Sample& sample : all) sample.labels = {{"kind", "unknown"}};
  return all;
}

std::vector<Sample> cpu(const Facts& facts) {
  const Totals* t = totals(facts);
  return t ? of(t->on_cpu_ns, kSecond) : std::vector<Sample>();
}

// All buckets, also empty ones: the series of a histogram must not come one by one.
std::vector<Sample> waits(const Facts& facts) {
  constexpr unsigned kBuckets = 24;
  const Totals* t = totals(facts);
  if (!t || !t->waits) return {};
  Sample sample;
  sample.value = static_cast<double>(*t->waited_ns) / kSecond;
  sample.count = *t->waits;
  std::uint64_t so_far = 0;
  auto next = t->wait.begin();
  for (unsigned i = 0; i < kBuckets; ++i) {
    const std::uint64_t most_ns = std::uint64_t{1000} << i;
    for (; next != t->wait.end() && next->most_ns <= most_ns; ++next) so_far += next->count;
    sample.buckets.push_back({static_cast<double>(most_ns) / kSecond, so_far});
  }
  return {sample};
}

std::vector<Sample> migrations(const Facts& facts) {
  const Totals* t = totals(facts);
  return t ? of(t->migrations) : std::vector<Sample>();
}

// Rows of the same labels added up; bounded by what there is of system calls and errors.
template <class Key, class Value>
std::vector<Sample> of_calls(const Facts& facts, Key key, Value value) {
  std::map<Labels, double> sums;
  if (const auto& calls = facts.observed.details.syscalls.value)
    for (const result::SystemCall& row : calls->rows)
      if (const Labels labels = key(row); !labels.empty()) sums[labels] += value(row);
  std::vector<Sample> all;
  for (const auto& [labels, sum] : sums) all.push_back({labels, sum});
  return all;
}

std::vector<Sample> calls(const Facts& facts) {
  return of_calls(
      facts,
      [](const auto& row) {
        return Labels{{"syscall", row.call}};
      },
      [](const auto& row) { return static_cast<double>(row.returned); });
}

std::vector<Sample> call_seconds(const Facts& facts) {
  return of_calls(
      facts,
      [](const auto& row) {
        return Labels{{"syscall", row.call}};
      },
      [](const auto& row) { return static_cast<double>(row.total_ns) / kSecond; });
}

std::vector<Sample> call_errors(const Facts& facts) {
  return of_calls(
      facts,
      [](const auto& row) {
        return row.error.empty() || row.begins_anew()
                   ? Labels()
                   : Labels{{"syscall", row.call}, {"error", row.error}};
      },
      [](const auto& row) { return static_cast<double>(row.returned); });
}

struct Described {
  const char* name;
  const char* help;
  Type type;
  std::vector<Sample> (*samples)(const Facts&);
};

// To add a metric: a function above, a line here, and one in docs/metrics.md, which a test compares with this.
constexpr Described kFamilies[] = {
    {"vtlab_build_info", "The vtlab that observes; always 1.", Type::gauge, build},
    {"vtlab_observed_info",
     "What is observed, one of command, pid and cgroup, and on which kernel; always 1.",
     Type::gauge, observed},
    {"vtlab_observed_seconds_total", "How long it has been observed.", Type::counter, seconds},
    {"vtlab_evidence_void",
     "1 if the kernel skipped a probe or a process could not be followed: then rely on no other "
     "number.",
     Type::gauge, is_void},
    {"vtlab_probe_info",
     "Which probe (rung, hook) answers which question here, none if there is no answer; always 1.",
     Type::gauge, probes},
    {"vtlab_probe_skipped_runs_total",
     "Runs of a probe that the kernel left out because it would have interrupted itself.",
     Type::counter, skipped},
    {"vtlab_lost_events_total",
     "Births and deaths of tasks that found no room on their way to vtlab; counters do not rest on "
     "them.",
     Type::counter, lost},
    {"vtlab_kernel_tasks_created_total",
     "Kernel tasks (task_structs) that were made, by the system call that asked for them.",
     Type::counter, created},
    {"vtlab_kernel_task_creations_failed_total",
     "System calls that asked for a task and got an error instead.", Type::counter, failed},
    {"vtlab_kernel_tasks_sharing_memory_total",
     "Of the tasks that were made, those that use the memory (mm_struct) of their creator.",
     Type::counter, sharing},
    {"vtlab_kernel_tasks_exited_total", "Tasks that ended.", Type::counter, exits},
    {"vtlab_kernel_tasks_alive", "Tasks that have been made and have not ended.", Type::gauge,
     alive},
    {"vtlab_kernel_tasks_alive_max", "The most that were alive at once since observing began.",
     Type::gauge, most_alive},
    {"vtlab_kernel_tasks_by_state",
     "Tasks by what they do at this moment, as /proc says; runnable: has a CPU or waits for one.",
     Type::gauge, states},
    {"vtlab_switches_total",
     "Times that a task gave its CPU away: voluntary to wait for something, preempted although it "
     "could go on.",
     Type::counter, switches},
    {"vtlab_cpu_seconds_total", "CPU time, added whenever a task gives its CPU away.",
     Type::counter, cpu},
    {"vtlab_run_queue_wait_seconds", "How long tasks that could run waited for a CPU, each time.",
     Type::histogram, waits},
    {"vtlab_cpu_migrations_total", "Times that a task was moved to another CPU.", Type::counter,
     migrations},
    {"vtlab_system_calls_total", "System calls that came back, by name; with --show syscalls.",
     Type::counter, calls},
    {"vtlab_system_call_seconds_total",
     "Time from entry to return of those system calls, waiting included.", Type::counter,
     call_seconds},
    {"vtlab_system_call_errors_total", "Those of them that came back with an error.", Type::counter,
     call_errors},
};

}  // namespace

std::vector<Family> families(const Facts& facts) {
  std::vector<Family> all;
  for (const Described& family : kFamilies)
    all.push_back({family.name, family.help, family.type, family.samples(facts)});
  return all;
}

}  // namespace vtlab::metrics
