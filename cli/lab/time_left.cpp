#include "lab/time_left.h"

namespace vtlab::lab {

void TimeLeft::ended(std::uint64_t took_ns) {
  if (next_ >= experiments_.size()) return;
  const Experiment& experiment = experiments_[next_++];
  last_took_[{experiment.mode, experiment.params.tasks}] = took_ns;
}

std::uint64_t TimeLeft::expected(const Experiment& experiment) const {
  const auto known = last_took_.find({experiment.mode, experiment.params.tasks});
  return known == last_took_.end() ? experiment.expected_ns : known->second;
}

std::uint64_t TimeLeft::after_next_ns() const {
  std::uint64_t left = 0;
  for (std::size_t i = next_ + 1; i < experiments_.size(); ++i) left += expected(experiments_[i]);
  return left;
}

}  // namespace vtlab::lab
