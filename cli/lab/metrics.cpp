#include "lab/metrics.h"

#include <algorithm>

#include "scenarios/percentile.h"

namespace vtlab::lab {
namespace {

Reading value(double number) {
  return {number, {}};
}
Reading missing(std::string because) {
  return {std::nullopt, std::move(because)};
}

double per_unit(const Observation& o, double number) {
  return number / static_cast<double>(std::max<std::uint64_t>(units_expected(o), 1));
}

bool units_are_processes(const Observation& o) {
  return o.experiment.mode->units_are_processes;
}

std::string probe_source(const Observation& o, std::string_view counter) {
  for (const result::ProbeNote& probe : o.kernel.probes) {
    if (probe.counter == counter && !probe.rung.empty()) return probe.rung + " " + probe.hook;
  }
  return std::string(o.observer);
}

// Nearest-rank percentile of the time from "asked for" to "finished", over the units that finished.
Reading latency(const Observation& o, double fraction) {
  std::vector<std::uint64_t> times;
  for (const UnitFacts& unit : o.units) {
    if (unit.finished_ns != 0) times.push_back(unit.finished_ns - unit.asked_ns);
  }
  if (times.empty()) return missing("no unit finished");
  return value(static_cast<double>(percentile(times, fraction)));
}

Reading switches(const Observation& o, const Machine&) {
  if (!o.kernel.switches) return missing(o.why_no_switches);
  return value(per_unit(o, static_cast<double>(*o.kernel.switches)));
}

const char* why_no_mounts(const Mode& mode) {
  if (mode.has_callbacks_only) return "callbacks are not switched";
  if (mode.foreign && mode.threads) return "this runtime does not count them";
  return "in this mode the kernel switches the units";
}

Reading unit_switches(const Observation& o, const Machine&) {
  const auto reported = o.reported.find("unit_switches");
  if (reported == o.reported.end()) return missing(why_no_mounts(*o.experiment.mode));
  return value(per_unit(o, static_cast<double>(reported->second)));
}

bool any_scenario(const Scenario&) {
  return true;
}
bool jvm_counts(const Experiment& experiment) {
  return experiment.params.runtime_count;
}
bool has_carriers(const Experiment& experiment) {
  return experiment.mode->threads != nullptr;
}
bool jvm_counts_pins(const Experiment& experiment) {
  return jvm_counts(experiment) && has_carriers(experiment);
}

// A number that the JVM gives when the window is closed.
MetricKind jvm_kind(const char* key, const char* title, bool (*asked_for)(const Experiment&),
                    const char* virtual_event, const char* platform_event = "") {
  return {key,
          title,
          "count",
          [=](const Observation& o) {
            return std::string("the JVM's flight recorder: ") +
                   (has_carriers(o.experiment) ? virtual_event : platform_event);
          },
          [=](const Observation& o, const Machine&) {
            const auto said = o.reported.find(key);
            if (said != o.reported.end()) return value(static_cast<double>(said->second));
            return missing(o.reported.count("runtime_records_lost")
                               ? "its flight recorder lost records"
                               : "the JVM did not get to say it");
          },
          any_scenario,
          asked_for};
}

constexpr const char* kClient = "the client outside";

bool has_client(const Scenario& scenario) {
  return scenario.requests_per_client > 0;
}

Reading load(const Observation& o, double (*of)(const LoadFacts&)) {
  if (!o.load || o.load->requests == 0) return missing("the client did not get to its end");
  return value(of(*o.load));
}

bool has_operations(const Scenario& scenario) {
  return !scenario.operations.empty();
}

Reading per_operation(const Observation& o, std::optional<std::uint64_t> number,
                      const char* missing_because) {
  const auto operations = o.reported.find(std::string(o.experiment.scenario->operations));
  if (operations == o.reported.end()) return missing("the workload did not get to say how many");
  if (operations->second == 0) return missing("there was none");
  if (!number) return missing(missing_because);
  return value(static_cast<double>(*number) / static_cast<double>(operations->second));
}

Reading switches_per_operation(const Observation& o, const Machine&) {
  return per_operation(o, o.kernel.switches, o.why_no_switches);
}

Reading unit_switches_per_operation(const Observation& o, const Machine&) {
  const auto reported = o.reported.find("unit_switches");
  return per_operation(
      o, reported == o.reported.end() ? std::nullopt : std::optional(reported->second),
      why_no_mounts(*o.experiment.mode));
}

Reading peak_alive(const Observation& o, const Machine&) {
  if (!o.kernel.peak_alive)
    return missing(o.kernel.lost_events ? "events were lost"
                                        : "births and deaths were not observed");
  return value(static_cast<double>(*o.kernel.peak_alive));
}

Reading cpu(const Observation& o, const Machine&) {
  if (!o.cpu_ns) return missing("the process ended before its clock could be read");
  return value(per_unit(o, static_cast<double>(*o.cpu_ns)));
}

std::string no_process_seen(const Observation& o) {
  return o.experiment.scenario->needs_server
             ? "no unit was waiting yet when it could have been looked at"
             : "its processes do not wait together to be looked at; those of parked-memory do";
}

constexpr const char* kGone = "the process ended before it could be looked at";

// Growth from the gate to the most that the kernel noted, or what a unit that is a process had.
Reading memory(const Observation& o, std::optional<std::uint64_t> WaitingFacts::*of_process,
               std::uint64_t ProcStatus::*at_gate, std::uint64_t ProcStatus::*most) {
  if (units_are_processes(o)) {
    if (!o.waiting || !((*o.waiting).*of_process)) return missing(no_process_seen(o));
    return value(static_cast<double>(*((*o.waiting).*of_process)));
  }
  if (o.at_end.*most == 0) return missing(kGone);
  const std::uint64_t before = o.at_gate.*at_gate;
  return value(per_unit(o, static_cast<double>(std::max(o.at_end.*most, before) - before)));
}

Reading resident(const Observation& o, const Machine&) {
  return memory(o, &WaitingFacts::private_bytes_per_process, &ProcStatus::resident,
                &ProcStatus::most_resident);
}

Reading reserved(const Observation& o, const Machine&) {
  return memory(o, &WaitingFacts::reserved_bytes_per_process, &ProcStatus::reserved,
                &ProcStatus::most_reserved);
}

Reading kernel_stack(const Observation& o, const Machine& machine) {
  if (!machine.kernel_stack_bytes) return missing("/proc/meminfo has no KernelStack");
  if (!o.kernel.peak_alive) return peak_alive(o, machine);
  const double new_tasks = static_cast<double>(*o.kernel.peak_alive) - 1;
  return value(per_unit(o, new_tasks * static_cast<double>(*machine.kernel_stack_bytes)));
}

auto fixed(const char* text) {
  return [text](const Observation&) { return std::string(text); };
}

const MetricKind kKinds[] = {
    {"units_done", "units finished", "count", fixed("unit log"),
     [](const Observation& o, const Machine&) {
       return value(static_cast<double>(units_done(o)));
     }},
    jvm_kind("runtime_units_started", "units started, says the JVM", jvm_counts,
             "jdk.VirtualThreadStart", "jdk.ThreadStart"),
    jvm_kind("runtime_units_ended", "units ended, says the JVM", jvm_counts, "jdk.VirtualThreadEnd",
             "jdk.ThreadEnd"),
    jvm_kind("runtime_pins", "waits of pinned units, says the JVM", jvm_counts_pins,
             "jdk.VirtualThreadPinned"),
    {"peak_tasks_alive", "most threads alive at once", "count",
     [](const Observation& o) {
       return o.observer == "ebpf" ? probe_source(o, "wake_new") + ", " + probe_source(o, "exits")
                                   : std::string("ptrace events");
     },
     peak_alive},
    {"most_units_waiting", "most units waiting at once", "count",
     fixed("the server: requests not yet answered"),
     [](const Observation& o, const Machine&) {
       return o.most_waiting ? value(static_cast<double>(*o.most_waiting)) : missing("no server");
     },
     [](const Scenario& scenario) { return scenario.needs_server; }},
    {"requests", "requests answered", "count", fixed(kClient),
     [](const Observation& o, const Machine&) {
       return load(o, [](const LoadFacts& l) { return static_cast<double>(l.requests); });
     },
     has_client},
    {"requests_per_s", "requests per second", "count/s", fixed(kClient),
     [](const Observation& o, const Machine&) {
       return load(o, [](const LoadFacts& l) {
         return static_cast<double>(l.requests) * 1e9 / static_cast<double>(l.duration_ns);
       });
     },
     has_client},
    {"request_p50_ns", "answer to a request, median", "ns", fixed(kClient),
     [](const Observation& o, const Machine&) {
       return load(o, [](const LoadFacts& l) { return static_cast<double>(l.p50_ns); });
     },
     has_client},
    {"request_p99_ns", "answer to a request, p99", "ns", fixed(kClient),
     [](const Observation& o, const Machine&) {
       return load(o, [](const LoadFacts& l) { return static_cast<double>(l.p99_ns); });
     },
     has_client},
    {"switches_per_unit", "kernel switches per unit", "count/unit",
     [](const Observation& o) { return probe_source(o, "switches"); }, switches},
    {"unit_switches_per_unit", "mounts per unit", "count/unit", fixed("the runtime's own count"),
     unit_switches},
    {"switches_per_operation", "kernel switches per operation", "count/operation",
     [](const Observation& o) { return probe_source(o, "switches"); }, switches_per_operation,
     has_operations},
    {"unit_switches_per_operation", "mounts per operation", "count/operation",
     fixed("the runtime's own count"), unit_switches_per_operation, has_operations},
    {"latency_p50_ns", "unit latency, median", "ns", fixed("unit log: asked for to finished"),
     [](const Observation& o, const Machine&) { return latency(o, 0.50); }},
    {"latency_p99_ns", "unit latency, p99", "ns", fixed("unit log: asked for to finished"),
     [](const Observation& o, const Machine&) { return latency(o, 0.99); }},
    {"cpu_ns_per_unit", "CPU time per unit", "ns/unit",
     fixed("the process's CPU clock, cutime, cstime"), cpu},
    {"resident_bytes_per_unit", "resident memory per unit", "bytes/unit",
     [](const Observation& o) {
       return std::string(units_are_processes(o)
                              ? "Private_* of smaps_rollup, mean of up to 32 units"
                              : "VmHWM at the end less VmRSS at the gate");
     },
     resident},
    {"kernel_stack_bytes_per_unit", "kernel stack per unit", "bytes/unit",
     fixed("most new tasks alive × KernelStack of /proc/meminfo per task"), kernel_stack},
    {"reserved_bytes_per_unit", "reserved addresses per unit", "bytes/unit",
     [](const Observation& o) {
       return std::string(units_are_processes(o) ? "VmSize, mean of up to 32 units"
                                                 : "VmPeak at the end less VmSize at the gate");
     },
     reserved},
};

}  // namespace

std::span<const MetricKind> metric_kinds() {
  return kKinds;
}

MetricKind reported_kind(const Reported& number) {
  return {std::string(number.key), std::string(number.title), std::string(number.unit),
          [number](const Observation&) { return std::string(number.source); },
          [number](const Observation& o, const Machine&) {
            const auto looked_up = o.looked_up.find(std::string(number.key));
            if (looked_up != o.looked_up.end()) return value(looked_up->second);
            const auto found = o.reported.find(std::string(number.key));
            if (found != o.reported.end()) return value(static_cast<double>(found->second));
            return missing(number.if_absent.empty() ? "the workload did not get to say it"
                                                    : std::string(number.if_absent));
          }};
}

std::uint64_t units_expected(const Observation& o) {
  const auto started = o.reported.find(std::string(kUnitsStarted));
  return o.experiment.scenario && o.experiment.scenario->until_refused &&
                 started != o.reported.end()
             ? started->second
             : o.experiment.params.tasks;
}

std::uint64_t units_done(const Observation& o) {
  return static_cast<std::uint64_t>(std::count_if(
      o.units.begin(), o.units.end(), [](const UnitFacts& unit) { return unit.finished_ns != 0; }));
}

}  // namespace vtlab::lab
