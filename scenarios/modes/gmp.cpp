// gmp.cpp — N Gs on Ms, of which P at once run Gs (M:N), as Go's goroutines are.
//
// The kernel tasks are the Ms, started when there is a P without one, and sysmon, which has no P.
#include <thread>

#include "scenarios/claims/claims.h"
#include "scenarios/modes/vthread_runtime.h"

namespace vtlab {
namespace {

std::unique_ptr<Runtime> make(const Params& params, const ActionBoard& board) {
  const auto starter = [&board](Action action) {
    return [&board, action](std::function<void()> body) {
      const ActionScope scope(board, action);
      return std::thread(std::move(body));
    };
  };
  vthreads::Config config;
  config.kind = vthreads::Config::Kind::gmp;
  config.carriers = params.carriers;
  config.max_carriers = most_carriers(params);
  config.seed = params.seed;
  config.poller = poller_of(params);
  config.start_carrier = starter(Action::start_m);
  config.start_monitor = starter(Action::start_sysmon);
  return std::make_unique<VThreadRuntime>(std::move(config), Action::start_g, params, board);
}

constexpr const Claim* kClaims[] = {&claims::exist_gmp};

}  // namespace

extern const Mode mode_gmp;
const Mode mode_gmp{
    .name = "gmp",
    .title = "goroutines of our own: G, M and P",
    .lesson = "A G runs on an M that has one of the P tokens; an M in a system call loses its P.",
    .unit_action = Action::start_g,
    .threads = [](const Params& p) { return p.carriers; },
    .spares = spare_carriers,
    .needs =
        [](const Params& p) {
          const std::uint64_t ms = 2 * std::uint64_t{p.carriers} + 2;  // none blocks: see exist.gmp
          return Needs{ms + 1, 2 * (ms + 1) + p.tasks / 16, std::uint64_t{p.tasks} * (8u << 10)};
        },
    .make = make,
    .prepare = vthreads::io::prepare,
    .claims = kClaims,
    .has_poller = true,
    .has_event_log = true,
    .has_procs = true,
    .check = check_poller,
};

}  // namespace vtlab
