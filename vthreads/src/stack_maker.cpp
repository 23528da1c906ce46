#include "stack_maker.h"

#include <exception>

#include "futex.h"
#include "stack_pool.h"

namespace vthreads::detail {

void StackMaker::ask() {
  Order none = Order::none;
  if (!order_.compare_exchange_strong(none, Order::make, std::memory_order_acq_rel)) return;
  if (!started_.exchange(true, std::memory_order_acq_rel)) return start();
  futex_wake(order_);
}

void StackMaker::start() {
  const std::lock_guard lock(starting_);
  if (order_.load(std::memory_order_acquire) == Order::stop) return;
  try {
    thread_ = std::thread([this] { run(); });
  } catch (const std::exception&) {
    // No thread, or no memory for one. It stays asked for ever, so nobody asks again.
  }
}

void StackMaker::stop() {
  order_.store(Order::stop, std::memory_order_release);
  futex_wake(order_);
  const std::lock_guard lock(starting_);
  if (thread_.joinable()) thread_.join();
}

void StackMaker::run() {
  for (;;) {
    Order order = Order::make;
    order_.compare_exchange_strong(order, Order::none, std::memory_order_acq_rel);
    if (order == Order::stop) return;
    if (order == Order::none) {
      futex_wait(order_, Order::none);
      continue;
    }
    while (order_.load(std::memory_order_acquire) != Order::stop && pool_.make_more(kEnough)) {
    }
  }
}

}  // namespace vthreads::detail
