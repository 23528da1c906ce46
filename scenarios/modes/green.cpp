// green.cpp — N vthreads on the one thread that the process has (M:1), as Java's green threads
// were.
#include "scenarios/claims/claims.h"
#include "scenarios/modes/vthread_runtime.h"

namespace vtlab {
namespace {

std::unique_ptr<Runtime> make(const Params& params, const ActionBoard& board) {
  vthreads::Config config;
  config.drive = vthreads::Config::Drive::calling_thread;
  config.carriers = 1;
  config.seed = params.seed;
  config.poller = poller_of(params);
  return std::make_unique<VThreadRuntime>(std::move(config), Action::start_green_thread, params,
                                          board);
}

constexpr const Claim* kClaims[] = {&claims::exist_green};

}  // namespace

extern const Mode mode_green;
const Mode mode_green{
    .name = "green",
    .title = "green threads, M:1",
    .lesson =
        "Everything happens in the one thread that the process has; the kernel sees nothing new.",
    .unit_action = Action::start_green_thread,
    .threads = [](const Params&) { return std::uint32_t{1}; },
    .needs =
        [](const Params& p) {
          return Needs{0, p.tasks / 16, std::uint64_t{p.tasks} * (8u << 10)};
        },
    .make = make,
    .prepare = vthreads::io::prepare,
    .claims = kClaims,
    .has_poller = true,
    .has_event_log = true,
    .check = check_poller,
};

}  // namespace vtlab
