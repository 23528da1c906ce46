// timeline.h — how many tasks were in a state, averaged over equal steps of time. Pure.
//
// Rule      Constant memory: when time goes on, neighbours are merged and a step is twice as long.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

namespace vtlab::lab {

class Timeline {
 public:
  enum Line { alive, running, waiting, kLines };
  static constexpr std::size_t kSteps = 60;

  void begin(std::uint64_t start_ns) { start_ns_ = start_ns; }

  /// One task was in this state from then to then; what was before the start does not count.
  void add(Line line, std::uint64_t from_ns, std::uint64_t to_ns) {
    from_ns = std::max(from_ns, start_ns_);
    if (to_ns <= from_ns) return;
    while (to_ns - start_ns_ > kSteps * step_ns_) widen();
    for (std::uint64_t at = from_ns - start_ns_, end = to_ns - start_ns_; at < end;) {
      const std::uint64_t place = at / step_ns_;
      const std::uint64_t until = std::min(end, (place + 1) * step_ns_);
      sums_[line][place] += until - at;
      at = until;
    }
  }

  std::uint64_t step_ns() const { return step_ns_; }

  /// Tasks on average, a value for each step until then.
  std::vector<double> averages(Line line, std::uint64_t end_ns) const {
    std::vector<double> out;
    for (std::uint64_t at = start_ns_; at < end_ns && out.size() < kSteps; at += step_ns_)
      out.push_back(static_cast<double>(sums_[line][out.size()]) /
                    static_cast<double>(std::min(step_ns_, end_ns - at)));
    return out;
  }

 private:
  void widen() {
    step_ns_ *= 2;
    for (auto& sums : sums_) {
      for (std::size_t i = 0; i < kSteps / 2; ++i) sums[i] = sums[2 * i] + sums[2 * i + 1];
      std::fill(sums.begin() + kSteps / 2, sums.end(), 0);
    }
  }

  std::uint64_t start_ns_ = 0, step_ns_ = 1024;
  std::array<std::array<std::uint64_t, kSteps>, kLines> sums_{};  // ns
};

}  // namespace vtlab::lab
