// go.cpp — goroutines of the real Go. The units are in scenarios/foreign/go.
#include <algorithm>

#include "scenarios/claims/claims.h"
#include "scenarios/mode.h"

namespace vtlab {
namespace {

constexpr const Claim* kClaims[] = {&claims::exist_goroutine};

}  // namespace

extern const Mode mode_go;
const Mode mode_go{
    .name = "go",
    .title = "goroutines of Go",
    .lesson = "The real G-M-P: Ms are made when a P has work and no M, or when calls hold theirs.",
    .unit_action = Action::start_g,
    .threads = [](const Params& p) { return p.carriers; },
    // runtime/debug.SetMaxThreads: 10,000 Ms, of which each can be held by a call.
    .spares =
        [](const Params& p) { return std::min(p.tasks, 10'000 - std::min(p.carriers, 10'000u)); },
    .needs =
        [](const Params& p) {
          return Needs{p.carriers, std::uint64_t{4} * p.carriers,
                       std::uint64_t{p.tasks} * (4u << 10)};
        },
    .claims = kClaims,
    .has_procs = true,
    .foreign = Language::go,
};

}  // namespace vtlab
