#include "commands/run_screen.h"

#include <algorithm>
#include <cmath>

#include "lab/summarize.h"
#include "render/format.h"

namespace vtlab::commands {
namespace {

using render::Frame;

std::optional<double> rate(std::uint64_t now, std::optional<std::uint64_t> before,
                           std::uint64_t since_ns) {
  constexpr double kSecond = 1e9;
  if (!before || since_ns == 0 || now < *before) return {};
  return static_cast<double>(now - *before) * kSecond / static_cast<double>(since_ns);
}

Frame::Place place_of(const result::Carrier& carrier) {
  return {carrier.name, render::format_number(std::round(carrier.running * 100)) + " %",
          "of CPU " + std::to_string(carrier.cpu)};
}

}  // namespace

Frame frame_of(const lab::Experiment& experiment, std::uint32_t finished, std::uint64_t elapsed_ns,
               const lab::SoFar& now, const lab::SoFar* before, std::uint64_t since_before_ns,
               const std::string& position) {
  Frame frame;
  frame.title = std::string(experiment.scenario->name) + ", mode " +
                std::string(experiment.mode->name) + ": " + std::string(experiment.mode->title);
  frame.pace = position;
  frame.at_ns = elapsed_ns;
  // Only waiting is expected; what is over it takes as long as it takes.
  if (experiment.expected_ns >= elapsed_ns) {
    frame.length_ns = experiment.expected_ns;
    frame.expected = true;
  }
  frame.made = now.view.kernel_tasks;
  frame.alive = now.alive;
  for (const result::LedgerRow& row : lab::ledger_of(now.view, *experiment.mode))
    frame.actions.push_back({row.title, row.kernel_tasks, {}});
  frame.units = experiment.params.tasks;
  frame.states = {{"not finished", frame.units - finished, render::Tone::warning},
                  {"finished", finished, render::Tone::dim}};
  const auto count = [&](const char* name, const std::optional<std::uint64_t>& value,
                         std::optional<std::uint64_t> earlier) {
    if (value) frame.counts.push_back({name, *value, rate(*value, earlier, since_before_ns)});
  };
  using Number = std::optional<std::uint64_t>;
  count("switches", now.view.switches, before ? before->view.switches : Number{});
  count("tasks ended", now.view.exits, before ? before->view.exits : Number{});
  return frame;
}

void RunScreen::next() {
  ++experiment_;
  before_.reset();
  carriers_ = {};
}

void RunScreen::show(const lab::Experiment& experiment, std::uint32_t finished,
                     std::uint64_t elapsed_ns, const lab::Observer& observer) {
  const std::uint64_t now_ns = monotonic_ns();
  if (elapsed_ns == 0 || !live_.is_time(now_ns)) return;
  std::optional<lab::SoFar> now = observer.so_far();
  if (!now) return;
  const std::string position = experiments_ > 1 ? "run " + std::to_string(experiment_ + 1) +
                                                      " of " + std::to_string(experiments_)
                                                : "";
  Frame frame = frame_of(experiment, finished, elapsed_ns, *now, before_ ? &*before_ : nullptr,
                         now_ns - before_ns_, position);
  constexpr std::size_t kMostPlaces = 8;
  if (now->alive.value_or(0) <= kMostTasks)
    for (const result::Carrier& carrier :
         carriers_.look({static_cast<std::uint32_t>(now->tgid)}, now_ns, kMostPlaces))
      frame.places.push_back(place_of(carrier));
  frame.below = "Ctrl-C ends the run; the results so far are shown then";
  live_.draw(draw(frame, look_, live_.lines() - 1), now_ns);
  before_ = std::move(now);
  before_ns_ = now_ns;
}

}  // namespace vtlab::commands
