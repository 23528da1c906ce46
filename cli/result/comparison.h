// comparison.h — several modes measured side by side, again and again: what `vtlab compare` says, as plain values.
//
// Rule      As in result.h: what was not measured is absent with a reason, never 0.
// Threads   Plain values: no sharing, no locks.
#pragma once

#include "result/result.h"

namespace vtlab::result {

inline constexpr const char* kCompareSchema = "vtlab.compare/1";

struct Interval {
  double low = 0, high = 0;
  double confidence =
      0;  ///< how often such an interval encloses the truth: 0.978; 1: counted, not estimated
};

/// One of those that are compared: a mode, or a mode of a saved run.
struct Contender {
  std::string name;   ///< "virtual"; "virtual@b.json" where files are compared
  std::string title;  ///< the mode in words
};

/// A run that stands apart from the others of its mode and size.
struct Outlier {
  std::uint64_t round = 0;  ///< from 1, in which it was measured
  double value = 0;
  std::string
      because;  ///< the likely cause with its numbers, or that nothing which was watched explains it
};

enum class Difference {
  lower,  ///< than the baseline
  higher,
  none_shown  ///< chance alone could make what was measured
};

/// Beside the baseline.
struct Against {
  Difference difference = Difference::none_shown;
  std::string because;          ///< why none could be shown, if not by the interval: too few rounds
  std::optional<double> ratio;  ///< to the baseline; absent if a value is 0
  std::optional<Interval> interval;
};

/// One quantity of one contender at one size.
struct Estimate {
  std::string contender;
  std::vector<std::uint64_t> rounds;  ///< in which the values were measured, from 1
  std::vector<double> values;         ///< as many
  std::optional<double> median;
  std::optional<Interval> interval;  ///< of the median; absent if the values are too few
  std::string missing_because;       ///< set exactly when the median is absent
  std::vector<Outlier> outliers;
  std::optional<Against>
      against;  ///< absent for the baseline, and where one of the two has no value
};

struct Size {
  std::uint64_t tasks = 0;  ///< units
  std::vector<Estimate> estimates;
};

/// How a quantity grows with the number of units; medians over the rounds. Of a quantity "per unit" the whole
/// is meant.
struct Growth {
  std::string contender;
  double per_unit = 0;  ///< one more unit costs so much
  std::optional<Interval> per_unit_interval;
  std::optional<double> power;  ///< cost ~ units ^ power; absent if something is 0
};

struct Quantity {
  std::string key;  ///< as in Metric
  std::string title;
  std::string unit;
  std::string source;
  bool counted = false;  ///< exact: compared without statistics
  std::vector<Size> sizes;
  std::vector<Growth> growth;  ///< empty unless there are several sizes
};

/// From this size on a contender was not measured.
struct Stop {
  std::string contender;
  std::uint64_t tasks = 0;
  std::string because;  ///< the limit, or how the run failed
};

/// A run that counts, and what else happened on the machine while it ran. Absent: could not be read.
struct ComparedRun {
  std::uint64_t round = 0;
  std::string contender;
  std::uint64_t tasks = 0;
  std::uint64_t wall_ns = 0;
  std::optional<std::uint64_t> others_cpu_ns;  ///< CPU time of everybody else, on all CPUs
  std::optional<std::uint64_t> stolen_ns;      ///< CPU time that the hypervisor gave to others
  std::optional<std::uint64_t>
      major_faults;  ///< of the workload: pages that had to be read from a disk
  std::optional<std::uint64_t>
      preempted;  ///< times that one of its tasks had to leave a CPU to somebody
};

struct Comparison {
  std::string schema = kCompareSchema;
  Host host;
  bool partial = false;  ///< interrupted: rounds are missing
  std::string partial_because;
  std::vector<std::string> notes;
  std::string scenario;
  std::string observer;
  std::vector<Param> params;  ///< the same for all runs
  std::uint64_t rounds = 0;   ///< that count, asked for
  std::uint64_t warm_up = 0;  ///< rounds before them that do not
  bool paired = true;         ///< contenders ran in turns; false: in runs of their own
  double confidence = 0;      ///< asked for: 0.95
  std::string baseline;       ///< a contender
  std::vector<Contender> contenders;
  std::vector<Quantity> quantities;
  std::vector<Stop> stops;
  std::vector<ComparedRun> runs;
  std::vector<Skip> skipped;
};

}  // namespace vtlab::result
