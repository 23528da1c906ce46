#include "lab/plan.h"

#include <algorithm>
#include <random>

#include "lab/error.h"
#include "lab/jvm_timeline.h"

namespace vtlab::lab {
namespace {

constexpr std::uint64_t kSecond = 1'000'000'000u;

std::uint64_t needed(const Scenario& scenario, const Mode& mode, const Params& params,
                     Resource resource) {
  const Needs needs = mode.needs(params);
  const std::uint64_t more = spares(scenario, mode, params);
  switch (resource) {
    case Resource::kernel_tasks:
      return needs.kernel_tasks + more;
    case Resource::memory_maps:
      return needs.memory_maps + 2 * more;
    case Resource::memory:
      return needs.bytes + more * (28u << 10);  // as a platform thread
    case Resource::open_files:
      if (!scenario.needs_server && !scenario.requests_per_client) return 0;
      return params.over == Over::file ? 1 : params.tasks * (params.over == Over::pipe ? 2ull : 1);
  }
  return 0;
}

bool fits(const Scenario& scenario, const Mode& mode, const Params& params, const Limit& limit) {
  const std::uint64_t left = limit.value > limit.used ? limit.value - limit.used : 0;
  return needed(scenario, mode, params, limit.resource) <= left;
}

// The largest number of units that every limit allows; needs grow with units, so bisection finds
// it.
std::uint32_t largest_that_fits(const Scenario& scenario, const Mode& mode, Params params,
                                const Machine& machine) {
  std::uint32_t good = 0, bad = params.tasks;
  while (bad - good > 1) {
    params.tasks = good + (bad - good) / 2;
    const bool all =
        std::all_of(machine.limits.begin(), machine.limits.end(),
                    [&](const Limit& limit) { return fits(scenario, mode, params, limit); });
    (all ? good : bad) = params.tasks;
  }
  return good;
}

struct Misfit {
  const Limit* limit;
  std::uint64_t needed;
  std::uint32_t largest;
};

// The limit that allows the fewest units, if any forbids the number asked for.
std::optional<Misfit> misfit(const Scenario& scenario, const Mode& mode, const Params& params,
                             const Machine& machine) {
  std::optional<Misfit> tightest;
  if (scenario.until_refused) return tightest;
  for (const Limit& limit : machine.limits) {
    if (fits(scenario, mode, params, limit)) continue;
    Machine only;
    only.limits = {limit};
    const std::uint32_t largest = largest_that_fits(scenario, mode, params, only);
    if (!tightest || largest < tightest->largest)
      tightest = Misfit{&limit, needed(scenario, mode, params, limit.resource), largest};
  }
  return tightest;
}

std::string reason(const Misfit& m) {
  return m.limit->name + " is " + std::to_string(m.limit->value) +
         (m.limit->used ? ", of which " + std::to_string(m.limit->used) + " are in use" : "") +
         "; " + std::to_string(m.needed) + " would be needed";
}

[[noreturn]] void refuse(const Request& request, const Mode& mode, const Misfit& m) {
  std::vector<std::string> type;
  if (m.largest > 0)
    type.push_back("vtlab run " + std::string(request.scenario->name) +
                   " --mode=" + std::string(mode.name) + " --tasks " + std::to_string(m.largest) +
                   "    the largest that fits");
  if (!m.limit->raise.empty()) type.push_back(m.limit->raise + "    raises the limit");
  throw Error(ExitCode::machine_cannot,
              "cannot run " + std::string(request.scenario->name) + " with " +
                  std::to_string(request.params.tasks) + " units in mode '" +
                  std::string(mode.name) + "'",
              {reason(m)}, std::move(type));
}

// A mode that was asked for by name and does not go with the scenario.
[[noreturn]] void refuse(const Request& request, const Mode& mode, std::string_view because) {
  throw Error(ExitCode::usage,
              std::string(request.scenario->name) + " cannot be run in mode '" +
                  std::string(mode.name) + "'",
              {std::string(because)},
              {"vtlab run " + std::string(request.scenario->name) +
               " --mode=all    all modes that it goes with"});
}

const ForeignStart* cannot_start(const Request& request, const Mode& mode) {
  static const ForeignStart kNotLookedFor{.why_not = "nobody has looked for its runtime"};
  if (!mode.foreign) return nullptr;
  const auto found = request.foreign.find(&mode);
  if (found == request.foreign.end()) return &kNotLookedFor;
  return found->second.why_not.empty() ? nullptr : &found->second;
}

[[noreturn]] void refuse(const Mode& mode, const ForeignStart& start) {
  throw Error(ExitCode::machine_cannot, "cannot run mode '" + std::string(mode.name) + "'",
              {start.why_not}, start.type);
}

std::string reason_and_largest(const Misfit& m) {
  return reason(m) + "; the largest that fits is --tasks " + std::to_string(m.largest);
}

}  // namespace

std::string why_too_big(const Scenario& scenario, const Mode& mode, const Params& params,
                        const Machine& machine) {
  const auto too_much = misfit(scenario, mode, params, machine);
  return too_much ? reason_and_largest(*too_much) : std::string();
}

Experiment experiment(const Request& request, const Mode& mode, std::uint32_t repetition) {
  const Params p = params_in(mode, request);
  const std::uint64_t at_once = waiting_at_once(*request.scenario, mode, p);
  const std::uint64_t rounds = (p.tasks + at_once - 1) / at_once;
  const std::uint64_t expected = rounds * p.delay_ns;
  // Generous: the waiting and half of it again, a millisecond a unit, and never less than half a
  // minute. No overflow: 10 million units of 1000 s are 10^19 ns.
  const std::uint64_t timeout =
      30 * kSecond + expected + expected / 2 + p.tasks * std::uint64_t{1'000'000};
  Experiment made;
  made.scenario = request.scenario;
  made.mode = &mode;
  if (mode.foreign) made.foreign = request.foreign.at(&mode);
  if (p.event_log && mode.foreign) {
    std::vector<std::string>& words = made.foreign->command;
    words.insert(words.begin() + 1, std::begin(kTellAlways), std::end(kTellAlways));
  }
  made.params = p;
  made.repetition = repetition;
  made.expected_ns = expected;
  made.timeout_ns = request.timeout_ns ? request.timeout_ns : timeout;
  return made;
}

Params params_in(const Mode& mode, const Request& request) {
  Params params = request.params;
  if (mode.has_procs && request.procs) params.carriers = *request.procs;
  if (!mode.has_poller) params.poller = Poller::epoll;
  if (mode.foreign != Language::java) {
    params.pin = Pin::synchronized;
    params.runtime_count = false;
  }
  // Memory that is not used costs nothing; what finds no room is counted.
  constexpr std::uint32_t kEventsOfCarrier = 1u << 20;
  const bool jvm_tells = mode.foreign == Language::java && mode.threads;
  if (request.recording.timeline && (mode.has_event_log || jvm_tells))
    params.event_log = kEventsOfCarrier;
  return params;
}

Plan plan(const Request& request, const Machine& machine) {
  Plan plan;
  const auto skip = [&](const Mode& mode, std::string because) {
    plan.skipped.push_back(
        {std::string(request.scenario->name), std::string(mode.name), std::move(because)});
  };
  const Mode* too_big = nullptr;
  for (const Mode* mode : request.modes) {
    const Params params = params_in(*mode, request);
    const std::string_view no = why_not(*request.scenario, *mode, params);
    if (!no.empty()) {
      if (!request.all_modes) refuse(request, *mode, no);
      skip(*mode, std::string(no));
      continue;
    }
    if (const ForeignStart* start = cannot_start(request, *mode)) {
      if (!request.all_modes) refuse(*mode, *start);
      skip(*mode, start->why_not);
      continue;
    }
    const auto too_much = misfit(*request.scenario, *mode, params, machine);
    if (!too_much) {
      plan.modes.push_back(mode);
      continue;
    }
    if (!request.all_modes) refuse(request, *mode, *too_much);
    if (!too_big) too_big = mode;
    skip(*mode, reason_and_largest(*too_much));
  }
  if (plan.modes.empty() && too_big)
    refuse(request, *too_big,
           *misfit(*request.scenario, *too_big, params_in(*too_big, request), machine));
  // Interleaved, so that a slow minute of the machine hits all modes alike; the order within a
  // round is drawn.
  std::mt19937_64 random(request.params.seed);
  for (std::uint32_t repetition = 0; repetition < request.repeat; ++repetition) {
    std::vector<const Mode*> round = plan.modes;
    if (request.repeat > 1) std::shuffle(round.begin(), round.end(), random);
    for (const Mode* mode : round)
      plan.experiments.push_back(experiment(request, *mode, repetition));
  }
  return plan;
}

}  // namespace vtlab::lab
