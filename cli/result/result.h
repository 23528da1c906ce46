// result.h — the result model: what was measured and what it means, as plain values.
//
// A ResultSet is the product's memory. It is written as JSON by result_json, and everything that people look at
// (tables, CSV, Markdown, reports) is a function of it. It carries its own titles, units and sources, so a saved
// file renders with any later vtlab.
//
// Rule      What was not observed is absent (an empty optional with a reason), never 0.
// Threads   Plain values: no sharing, no locks.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "result/details.h"

namespace vtlab::result {

inline constexpr const char* kSchema = "vtlab.results/1";

/// Where the run happened.
struct Host {
  std::string kernel;        ///< uname -r
  std::string machine;       ///< uname -m
  std::string distribution;  ///< PRETTY_NAME of os-release(5); empty if unknown
  std::uint32_t cpus = 0;    ///< CPUs that vtlab may run on (sched_getaffinity(2))
  std::uint64_t memory_bytes = 0;
  std::string vtlab_version;
  std::string started_at;  ///< UTC, ISO 8601
  std::string command;     ///< that was typed; empty if it is not known
};

/// One parameter of an experiment, in the order in which it is shown.
struct Param {
  std::string key;
  std::variant<std::uint64_t, std::string> value;
};

/// One measured quantity. `value` is the median over the repetitions, `low` and `high` their extremes.
struct Metric {
  std::string key;     ///< snake_case, stable
  std::string title;   ///< what a student reads, without the unit
  std::string unit;    ///< "count", "ns", "bytes" or "count/unit", "bytes/unit"
  std::string source;  ///< who said so: a counter and its rung, a procfs field, the unit log
  std::optional<double> value;
  std::optional<double> low, high;
  std::string missing_because;  ///< set exactly when value is empty
  std::vector<double> values;   ///< of each repetition, in their order; empty if there was only one
};

/// One line of the ledger: kernel tasks (task_structs) caused by one action of the program.
struct LedgerRow {
  std::string action;  ///< "start-carrier", "fork", …; "unattributed" when no action was published
  std::string title;   ///< "start carrier"
  std::uint64_t kernel_tasks = 0;
  std::optional<std::uint64_t> sharing_mm;  ///< how many of them share the creator's address space
};

enum class Verdict { holds, refuted, not_testable_here };

/// A claim of the catalogue, judged by what the kernel said.
struct ClaimCheck {
  std::string id;         ///< "exist.virtual"
  std::string statement;  ///< what it says
  Verdict verdict = Verdict::not_testable_here;
  std::string because;  ///< the evidence in numbers, or why there is none

  // Only of claims over several results:
  std::string group;  ///< heading under which it stands: "What exists in the kernel"
  std::string where;  ///< where the texts say it: "A§3.1"
  std::vector<std::string> experiment;  ///< command lines that run it again
};

/// A rung that was tried and did not serve, with the system's own reason.
struct TriedRung {
  std::string rung;     ///< "fentry", "kprobe", "tp_btf", "tracepoint"
  std::string hook;     ///< "kernel_clone"
  std::string because;  ///< "load refused: Operation not permitted"
};

/// How one question was put to the kernel.
struct ProbeNote {
  std::string counter;   ///< "wake_new"
  std::string question;  ///< "which task was made runnable"
  std::string rung;      ///< empty if no rung served
  std::string hook;      ///< "sched_wakeup_new"; "PTRACE_EVENT_CLONE" for the unprivileged observer
  std::string meaning;   ///< what a count of 1 means on this rung
  std::optional<std::uint64_t> count;
  std::optional<std::uint64_t>
      recursion_misses;          ///< runs that the kernel skipped; non-zero voids claims
  std::vector<TriedRung> tried;  ///< better rungs that were refused, best first
};

/// One of the repetitions that the metrics summarise.
struct Repetition {
  std::uint64_t wall_ns = 0;
  std::uint64_t units_done = 0;
  std::optional<std::uint64_t> kernel_tasks;
};

/// One scenario in one mode.
struct Result {
  std::string scenario;
  std::string mode;
  std::string mode_title;  ///< "M:N virtual threads"
  bool partial = false;  ///< interrupted, timed out or crashed: numbers are of what ran until then
  std::string partial_because;
  std::string observer;  ///< "ebpf" or "ptrace"
  std::vector<Param> params;
  std::optional<std::uint64_t>
      kernel_tasks;  ///< task_structs created in the observed tree inside the window
  std::string kernel_tasks_missing_because;
  std::vector<LedgerRow> ledger;  ///< sums to kernel_tasks; empty if that is absent
  std::uint64_t wall_ns = 0;      ///< from gate to done; median of the repetitions
  std::vector<Metric> metrics;
  std::vector<ClaimCheck> claims;
  std::vector<ProbeNote> probes;
  std::uint64_t lost_events = 0;
  Details details;
  std::vector<Repetition> repetitions;
};

/// What was asked for and not run, with the reason.
struct Skip {
  std::string scenario;
  std::string mode;
  std::string because;
};

/// Everything one invocation measured.
struct ResultSet {
  std::string schema = kSchema;
  Host host;
  bool partial = false;  ///< something that was asked for is missing or cut short
  std::vector<std::string>
      notes;  ///< for people: what could not be seen, and what to type to see it
  std::vector<Result> results;
  std::vector<Skip> skipped;
  std::vector<ClaimCheck> claims;  ///< judged over several results; only `prove` fills it
};

}  // namespace vtlab::result
