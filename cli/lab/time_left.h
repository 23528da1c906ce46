// time_left.h — how long a series of experiments will still take, from how long its first ones took. Pure.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <utility>

#include "lab/plan.h"

namespace vtlab::lab {

class TimeLeft {
 public:
  explicit TimeLeft(std::span<const Experiment> experiments) : experiments_(experiments) {}

  /// The next one has ended, after so long with all that belongs to it (start, observer, end).
  void ended(std::uint64_t took_ns);
  /// What comes after the next one. A kind (mode and size) that has not been run yet is taken to need what the
  /// waiting alone takes, so this is too little at first.
  std::uint64_t after_next_ns() const;

 private:
  std::uint64_t expected(const Experiment& experiment) const;

  std::span<const Experiment> experiments_;
  std::size_t next_ = 0;
  std::map<std::pair<const Mode*, std::uint32_t>, std::uint64_t> last_took_;
};

}  // namespace vtlab::lab
