// bench.h — what every C++ program of the benchmark shares: its command line, its clock, its report.
//
//   PROGRAM WORK --n N --carriers C --ops K      does the work once, one JSON line per measurement
//   PROGRAM works                                the names of the works it can do, one a line
//   PROGRAM version                              what exactly is measured, one line
//
// Rule      A program measures and reports. Repeating, comparing and judging is run.py's.
// Rule      The same work does the same thing in every program: catalogue.py says what, and what `ops`
//           counts. Whoever changes one changes all, Go and Java included.
// Threads   run() and report() belong to the main flow of a program; the rest is free of state.
#pragma once

#include <chrono>
#include <cstdint>
#include <span>
#include <string>

namespace vtlab::bench {

struct Options {
  std::string work;
  std::uint64_t n = 1;         ///< units that exist at the same time
  std::uint64_t ops = 100000;  ///< how often that is done which is measured
  std::uint64_t carriers = 1;
};

struct Work {
  const char* name;
  void (*run)(const Options&);
};

/// main() of a program. Exit codes: 0 done, 1 the work failed, 2 usage.
int run(int argc, char** argv, const std::string& version, std::span<const Work> works);

/// One JSON line on standard output.
void report(const Options& options, const char* measure, double value, const char* unit);

using Clock = std::chrono::steady_clock;

template <class F>
double seconds(F&& work) {
  const Clock::time_point start = Clock::now();
  work();
  return std::chrono::duration<double>(Clock::now() - start).count();
}

/// Nanoseconds for one of `ops`.
template <class F>
double ns_each(std::uint64_t ops, F&& work) {
  return seconds(work) * 1e9 / static_cast<double>(ops);
}

struct Memory {
  double resident;     ///< RssAnon of /proc/self/status, bytes
  double page_tables;  ///< VmPTE, bytes
};
Memory memory();

/// Reports what `units` units have cost since `before`: parked-resident, parked-page-tables and their sum.
void report_parked(const Options& options, const Memory& before);

/// Reports how much CPU time this process uses in one second in which nothing has to be done. The caller, a
/// platform thread, sleeps meanwhile.
void report_idle(const Options& options);

}  // namespace vtlab::bench
