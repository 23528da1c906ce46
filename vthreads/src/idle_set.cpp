#include "idle_set.h"

#include <algorithm>

namespace vthreads::detail {

IdleSet::Role IdleSet::join(Carrier& carrier) {
  const std::lock_guard lock(mutex_);
  Role role = Role::sleeper;
  if (poller_ == nullptr) {
    role = Role::poller;
    poller_ = &carrier;
    poller_is_idle_ = true;
    has_poller_.store(true);
  } else {
    sleepers_.push_back(&carrier);
  }
  idle_.fetch_add(1, std::memory_order_seq_cst);
  return role;
}

void IdleSet::leave(Carrier& carrier, Role role) {
  const std::lock_guard lock(mutex_);
  bool was_idle = false;  // else somebody took it out, and has counted it as searching
  if (role == Role::poller) {
    was_idle = poller_is_idle_;
    poller_ = nullptr;
    poller_is_idle_ = false;
    has_poller_.store(false);
  } else {
    was_idle = std::erase(sleepers_, &carrier) != 0;
  }
  if (!was_idle) return;
  idle_.fetch_sub(1, std::memory_order_seq_cst);
  start_searching();
}

IdleSet::Woken IdleSet::take_one() {
  if (searching_.load(std::memory_order_seq_cst) != 0 || idle_.load(std::memory_order_seq_cst) == 0)
    return {};
  const std::lock_guard lock(mutex_);
  if (searching_.load(std::memory_order_seq_cst) != 0) return {};
  return take(lock);
}

IdleSet::Woken IdleSet::take_any() {
  const std::lock_guard lock(mutex_);
  return take(lock);
}

IdleSet::Woken IdleSet::take(const std::lock_guard<std::mutex>&) {
  Woken woken;
  if (!sleepers_.empty()) {
    woken = {sleepers_.back(), Role::sleeper};
    sleepers_.pop_back();
  } else if (poller_is_idle_) {
    woken = {poller_, Role::poller};
    poller_is_idle_ = false;
  } else {
    return woken;
  }
  idle_.fetch_sub(1, std::memory_order_seq_cst);
  start_searching();
  return woken;
}

}  // namespace vthreads::detail
