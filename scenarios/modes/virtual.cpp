// virtual.cpp — N vthreads on C carriers (M:N), as Loom's virtual threads are.
#include <thread>

#include "scenarios/claims/claims.h"
#include "scenarios/modes/vthread_runtime.h"

namespace vtlab {
namespace {

std::unique_ptr<Runtime> make(const Params& params, const ActionBoard& board) {
  vthreads::Config config;
  config.carriers = params.carriers;
  config.max_carriers = most_carriers(params);
  config.seed = params.seed;
  config.poller = poller_of(params);
  config.start_carrier = [&board](std::function<void()> body) {
    const ActionScope scope(board, Action::start_carrier);
    return std::thread(std::move(body));
  };
  return std::make_unique<VThreadRuntime>(std::move(config), Action::start_virtual_thread, params,
                                          board);
}

constexpr const Claim* kClaims[] = {&claims::exist_virtual};

}  // namespace

extern const Mode mode_virtual;
const Mode mode_virtual{
    .name = "virtual",
    .title = "virtual threads of our own, M:N",
    .lesson =
        "Units are stacks and queue entries in user space; only their carriers are OS threads.",
    .unit_action = Action::start_virtual_thread,
    .threads = [](const Params& p) { return p.carriers; },
    .spares = spare_carriers,
    .needs =
        [](const Params& p) {
          return Needs{p.carriers, std::uint64_t{2} * p.carriers + p.tasks / 16,
                       std::uint64_t{p.tasks} * (8u << 10)};
        },
    .make = make,
    .prepare = vthreads::io::prepare,
    .claims = kClaims,
    .has_poller = true,
    .has_event_log = true,
    .check = check_poller,
};

}  // namespace vtlab
