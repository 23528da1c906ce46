#include "stealing/idle_set.h"

#include <algorithm>

namespace vthreads::detail {

void IdleSet::join(StealingCarrier& carrier) {
  const std::lock_guard lock(mutex_);
  idle_ones_.push_back(&carrier);
  idle_.store(static_cast<std::uint32_t>(idle_ones_.size()), std::memory_order_seq_cst);
  // One that sleeps on its futex is the better watch, because the poller is woken for other things.
  if (watch_ == nullptr || watch_ == poller_) watch_ = &carrier;
  remove_awake();
}

IdleSet::Roles IdleSet::roles(StealingCarrier& carrier) {
  const std::lock_guard lock(mutex_);
  Roles roles;
  roles.taken = std::find(idle_ones_.begin(), idle_ones_.end(), &carrier) == idle_ones_.end();
  if (roles.taken) return roles;
  if (poller_ == nullptr) poller_ = &carrier;
  roles.polls = poller_ == &carrier;
  roles.watches = watch_ == &carrier;
  return roles;
}

IdleSet::Call IdleSet::leave(StealingCarrier& carrier) {
  const std::lock_guard lock(mutex_);
  if (std::erase(idle_ones_, &carrier) != 0) {
    idle_.store(static_cast<std::uint32_t>(idle_ones_.size()), std::memory_order_seq_cst);
    add_awake();
  }
  if (poller_ == &carrier) poller_ = nullptr;
  if (watch_ == &carrier)
    choose_watch();
  else if (!deep_.load(std::memory_order_relaxed))
    return {};
  deep_.store(false, std::memory_order_seq_cst);
  return call_of(watch_);
}

void IdleSet::choose_watch() {
  watch_ = nullptr;
  for (StealingCarrier* const carrier : idle_ones_) {
    if (watch_ == nullptr || watch_ == poller_) watch_ = carrier;
  }
}

IdleSet::Call IdleSet::take_one(bool even_so) {
  const std::lock_guard lock(mutex_);
  if (idle_ones_.empty() || (!even_so && !nobody_is_awake())) return {};
  // Neither poller nor watch if possible, else the poller, the watch last.
  const auto dearness = [this](const StealingCarrier* carrier) {
    return carrier == watch_ ? 2 : carrier == poller_ ? 1 : 0;
  };
  const auto cheapest =
      std::min_element(idle_ones_.begin(), idle_ones_.end(),
                       [&](auto* a, auto* b) { return dearness(a) < dearness(b); });
  StealingCarrier* const carrier = *cheapest;
  idle_ones_.erase(cheapest);
  idle_.store(static_cast<std::uint32_t>(idle_ones_.size()), std::memory_order_seq_cst);
  add_awake();
  return call_of(carrier);
}

bool IdleSet::watch_sleeps_deeply(StealingCarrier& carrier) {
  const std::lock_guard lock(mutex_);
  if (watch_ != &carrier) return false;
  // First said, then looked: so who becomes awake meanwhile sees it, or is seen.
  deep_.store(true, std::memory_order_seq_cst);
  if (nobody_is_awake()) return true;
  deep_.store(false, std::memory_order_seq_cst);
  return false;
}

IdleSet::Call IdleSet::deep_watch() {
  if (!deep_.load(std::memory_order_seq_cst)) return {};
  const std::lock_guard lock(mutex_);
  if (!deep_.exchange(false, std::memory_order_seq_cst)) return {};
  return call_of(watch_);
}

}  // namespace vthreads::detail
