#include "commands/progress.h"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <string>

#include "commands/look.h"
#include "scenarios/unit_log.h"

namespace vtlab::commands {
namespace {

constexpr std::uint64_t kPause = 100'000'000;  // 10 times a second is enough for eyes

}  // namespace

Progress::Progress(std::size_t experiments)
    : experiments_(experiments), visible_(is_screen(STDERR_FILENO)) {}

void Progress::set(std::size_t done, std::size_t experiments, std::uint64_t left_after_ns) {
  experiment_ = done;
  experiments_ = experiments;
  left_after_ns_ = left_after_ns;
}

void Progress::clear() {
  if (visible_ && shown_at_ns_) std::fputs("\r\033[K", stderr);
  shown_at_ns_ = 0;
}

void Progress::show(const lab::Experiment& experiment, std::uint32_t finished,
                    std::uint64_t elapsed_ns) {
  const std::uint64_t now = monotonic_ns();
  if (!visible_ || now - shown_at_ns_ < kPause) return;
  shown_at_ns_ = now;
  std::string line =
      std::string(experiment.scenario->name) + " " + std::string(experiment.mode->name);
  if (experiments_ > 1)
    line += "  run " + std::to_string(experiment_ + 1) + " of " + std::to_string(experiments_);
  line +=
      "  " + std::to_string(finished) + " of " + std::to_string(experiment.params.tasks) + " units";
  constexpr double kSecond = 1e9;
  const double of_this =
      static_cast<double>(experiment.expected_ns) - static_cast<double>(elapsed_ns);
  const double left = (std::max(0.0, of_this) + static_cast<double>(left_after_ns_)) / kSecond;
  if (left >= 1) line += "  about " + std::to_string(static_cast<int>(left + 0.5)) + " s left";
  std::fprintf(stderr, "\r\033[K%s", line.c_str());
  std::fflush(stderr);
}

}  // namespace vtlab::commands
