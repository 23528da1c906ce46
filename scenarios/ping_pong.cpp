// ping_pong.cpp — pairs of units hand a token to and fro: one of the two can run, the other waits.
//
// Look at     kernel switches and mounts per round trip: the same hand-over is a trip through the
//             kernel's scheduler, or a switch of stacks that the kernel never hears of.
// Surprises   Virtual threads still cause kernel switches: an idle carrier sleeps and must be woken.
//             With --carriers 1 nearly none are left, as in green.
// Not shown   How long one hand-over takes from one CPU to another: many pairs play at once, and who
//             shares a CPU with whom is up to the schedulers.
#include <functional>
#include <memory>
#include <vector>

#include "scenarios/mode.h"
#include "scenarios/modes/event_loop.h"
#include "scenarios/scenario.h"

namespace vtlab {
namespace {

constexpr std::uint32_t kRounds = 50;

std::uint32_t pairs(const Params& params) {
  return params.tasks / 2;
}

// Each unit waits at its own semaphore and gives to that of its partner.
void play(Semaphore& mine, Semaphore& partners, bool serves) {
  for (std::uint32_t round = 0; round < kRounds; ++round) {
    if (serves) partners.release();
    mine.acquire();
    if (!serves) partners.release();
  }
}

void body(Workload& work) {
  const std::uint32_t paired = 2 * pairs(work.params());
  std::vector<std::unique_ptr<Semaphore>> has_token;
  for (std::uint32_t unit = 0; unit < paired; ++unit)
    has_token.push_back(work.runtime().semaphore(0));
  for (std::uint32_t unit = 0; unit < paired; ++unit) {
    work.start(unit,
               [&has_token, unit] { play(*has_token[unit], *has_token[unit ^ 1], unit % 2 == 0); });
  }
  // The odd one out has nobody to play with.
  if (paired < work.params().tasks) work.start(paired, [] {});
  work.join_all();
  work.report("round_trips", std::uint64_t{pairs(work.params())} * kRounds);
}

// To give the token is to have the partner called.
void callbacks(Workload& work, EventLoop& loop) {
  const std::uint32_t paired = 2 * pairs(work.params());
  std::vector<std::uint32_t> received(paired);
  const std::function<void(std::uint32_t)> give_to = [&](std::uint32_t unit) {
    loop.post(work.step(unit, [&, unit] {
      const bool last = ++received[unit] == kRounds;
      const bool serves = unit % 2 == 0;
      if (!serves || !last) give_to(unit ^ 1);
      if (last) work.finish(unit);
    }));
  };
  for (std::uint32_t unit = 0; unit < paired; ++unit) {
    work.start_steps(unit, [&give_to, unit] {
      if (unit % 2 == 0) give_to(unit ^ 1);
    });
  }
  if (paired < work.params().tasks) work.start(paired, [] {});
  loop.run();
  work.report("round_trips", std::uint64_t{pairs(work.params())} * kRounds);
}

std::string_view refuses(const Mode& mode, const Params& params) {
  if (pairs(params) > 0 && mode.waiting_at_once && mode.waiting_at_once(params) < 2)
    return "both units of a pair must be under way, and the only thread is kept by the first of "
           "them for ever; it goes with --carriers 2";
  return {};
}

constexpr Reported kReports[] = {{"round_trips", "round trips", "count"}};

}  // namespace

extern const Scenario scenario_ping_pong;
const Scenario scenario_ping_pong{
    .name = "ping-pong",
    .title = "hand a token to and fro, in pairs",
    .lesson = "What it costs to wait for each other: a kernel switch each time, or a stack switch.",
    .defaults = {.tasks = 1009},
    .body = body,
    .callbacks = callbacks,
    .refuses = refuses,
    .reports = kReports,
    .operations = "round_trips",
    .languages = {.go = true},
};

}  // namespace vtlab
