// cpu_bound.cpp — one amount of computing, the same whatever N is, cut in N pieces. What the pieces
// add up to is checked.
//
// Look at     the wall time with --tasks 1, as many as CPUs, and a hundred times that: the same work.
// Surprises   Nothing waits, so there is nothing to gain but the CPUs; green threads and an event loop
//             use one of them, however many there are.
// Not shown   Fairness: only the kernel stops somebody who computes; our runtimes switch at waits, also
//             gmp, where Go would interrupt.
#include <stdexcept>
#include <string>

#include "scenarios/mix.h"
#include "scenarios/scenario.h"
#include "scenarios/shared.h"

namespace vtlab {
namespace {

constexpr std::uint64_t kSteps = std::uint64_t{1} << 26;
constexpr std::uint64_t kSum = 0x7f8310511ea31545u;  // of mix(0) to mix(kSteps - 1)
constexpr Reported kReports[] = {{"steps", "steps of computing, in all", "count"}};

std::uint64_t compute(std::uint64_t begin, std::uint64_t end) {
  std::uint64_t sum = 0;
  for (std::uint64_t i = begin; i < end; ++i) sum += mix(i);
  return sum;
}

void body(Workload& work) {
  const std::uint64_t pieces = work.params().tasks;
  const Shared<std::uint64_t> sums(pieces);
  for (std::uint32_t unit = 0; unit < pieces; ++unit) {
    work.start(unit, [&, unit] {
      sums[unit] = compute(kSteps * unit / pieces, kSteps * (unit + 1) / pieces);
    });
  }
  work.join_all();
  std::uint64_t sum = 0;
  for (std::uint64_t piece = 0; piece < pieces; ++piece) sum += sums[piece];
  if (sum != kSum)
    throw std::runtime_error("the units computed something else: " + std::to_string(sum));
  work.report(kReports[0].key, kSteps);
}

void callbacks(Workload& work, EventLoop&) {
  body(work);
}

}  // namespace

extern const Scenario scenario_cpu_bound;
const Scenario scenario_cpu_bound{
    .name = "cpu-bound",
    .title = "share one amount of computing and never wait",
    .lesson = "Without waiting there is nothing to gain: more units than CPUs only cost.",
    .defaults = {.tasks = 199},
    .body = body,
    .callbacks = callbacks,
    .reports = kReports,
    .languages = {.java = true, .go = true},
};

}  // namespace vtlab
