#include "forgotten.h"

#include <algorithm>
#include <string>
#include <utility>

#include "fatal.h"

namespace vthreads::detail {
namespace {

bool is_alive(const ControlBlock& vthread) {
  return vthread.state() != State::fresh && vthread.state() != State::done;
}

}  // namespace

Deadline Forgotten::rescue(std::uint64_t mounts) {
  bool waiting = false, blocked = false, others = false;
  stacks_.for_each_made([&](const ControlBlock& vthread) {
    if (!is_alive(vthread)) return;
    const bool holds = vthread.state() == State::blocking || vthread.state() == State::pinned;
    (vthread.waits_for_signal() ? waiting : holds ? blocked : others) = true;
  });
  const Deadline now = std::chrono::steady_clock::now();
  if (mounts != std::exchange(mounts_, mounts) || blocked || others) since_ = kNever;
  if (blocked) {  // nobody tells when one that holds its carrier begins to wait there for ever
    tick_ = std::min<std::chrono::nanoseconds>(2 * tick_, kLastTick);
    return now + tick_;
  }
  if (others || !waiting) return kNever;  // a carrier is on its way to them
  if (ask_all()) return now;
  since_ = std::min(since_, now);
  if (now - since_ >= kPatience) give_up();
  return since_ + kPatience;
}

// False if all have been asked before.
bool Forgotten::ask_all() const {
  bool any = false;
  stacks_.for_each_made([&](ControlBlock& vthread) {
    if (!is_alive(vthread) || vthread.stop.load(std::memory_order_relaxed)) return;
    any = true;
    vthread.ask_to_stop();
  });
  return any;
}

void Forgotten::give_up() const {
  constexpr int kNamed = 3;
  int count = 0;
  std::string who;
  stacks_.for_each_made([&](const ControlBlock& vthread) {
    if (!is_alive(vthread) || ++count > kNamed) return;
    who += (count == 1 ? " " : ", ") + vthread.description() + " (" +
           std::string(name_of(vthread.state())) + ")";
  });
  fatal("a Scheduler is being destroyed, but " + std::to_string(count) +
        (count == 1 ? " vthread waits" : " vthreads wait") +
        " for what nobody in it will do, even though asked to stop:" + who +
        (count > kNamed ? ", ..." : ""));
}

}  // namespace vthreads::detail
