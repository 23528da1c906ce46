#include "lab/outliers.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "statistics/statistics.h"

namespace vtlab::lab {
namespace {

using Field = std::optional<std::uint64_t> Conditions::*;

// The run's own number and what is usual among the others; nothing if it or all of them is unknown.
struct Beside {
  double here, usual;
};

std::optional<Beside> beside(std::span<const Run> runs, std::size_t place, Field field,
                             bool of_wall_time) {
  const auto number = [&](const Run& run) -> std::optional<double> {
    const auto& value = run.conditions.*field;
    if (!value || (of_wall_time && run.wall_ns == 0)) return std::nullopt;
    const auto whole = static_cast<double>(*value);
    return of_wall_time ? whole / static_cast<double>(run.wall_ns) : whole;
  };
  std::vector<double> others;
  for (std::size_t i = 0; i < runs.size(); ++i) {
    if (const auto value = number(runs[i]); value && i != place) others.push_back(*value);
  }
  const auto here = number(runs[place]);
  if (!here || others.empty()) return std::nullopt;
  return Beside{*here, statistics::median(others)};
}

std::string whole(double value) {
  return std::to_string(std::llround(value));
}

// Shares of all CPUs. A tick is 10 ms, so of a short run only a large share says something.
std::string share(const Beside& b, std::uint32_t cpus, const std::string& who) {
  constexpr double kLeast = 0.1;
  const double all = cpus ? cpus : 1;
  if ((b.here - b.usual) / all < kLeast) return {};
  return who + " " + whole(std::min(1.0, b.here / all) * 100) + " % of the CPUs (mostly " +
         whole(b.usual / all * 100) + " %)";
}

std::string count(const Beside& b, double least, const std::string& what) {
  if (b.here < b.usual + least || b.here < 2 * b.usual) return {};
  return what + " " + whole(b.here) + " times (mostly " + whole(b.usual) + ")";
}

}  // namespace

std::string likely_cause(std::span<const Run> runs, std::size_t place, bool higher,
                         std::uint32_t cpus) {
  std::string causes;
  const auto add = [&](const std::string& cause) {
    if (!cause.empty()) causes += (causes.empty() ? "" : "; ") + cause;
  };
  if (higher) {
    if (const auto b = beside(runs, place, &Conditions::stolen_ns, true))
      add(share(*b, cpus, "the hypervisor gave others"));
    if (const auto b = beside(runs, place, &Conditions::others_cpu_ns, true))
      add(share(*b, cpus, "other programs used"));
    if (const auto b = beside(runs, place, &Conditions::major_faults, false))
      add(count(*b, 1, "it had to read pages from a disk"));
    if (const auto b = beside(runs, place, &Conditions::preempted, false))
      add(count(*b, 10, "its tasks had to leave a CPU to somebody"));
  }
  if (!causes.empty()) return causes;
  const Conditions& seen = runs[place].conditions;
  if (!seen.others_cpu_ns && !seen.stolen_ns && !seen.major_faults && !seen.preempted)
    return "unknown: what else the machine did was not recorded";
  return "unknown: nothing that was watched was unusual in that run";
}

std::string why_all_is_noisy(std::span<const Run> runs, std::uint32_t cpus) {
  constexpr double kMuch = 0.1;
  std::vector<double> shares;
  for (const Run& run : runs)
    if (run.conditions.others_cpu_ns && run.wall_ns)
      shares.push_back(static_cast<double>(*run.conditions.others_cpu_ns) /
                       static_cast<double>(run.wall_ns) / (cpus ? cpus : 1));
  if (shares.empty() || statistics::median(shares) < kMuch) return {};
  return "the machine was busy: in the median run other programs used " +
         whole(statistics::median(shares) * 100) +
         " % of the CPUs; with less of that intervals are narrower";
}

}  // namespace vtlab::lab
