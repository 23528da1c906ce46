// started_units.h — the threads of units that may start units, until they are joined.
#pragma once

#include <cstddef>
#include <mutex>
#include <utility>
#include <vector>

namespace vtlab {

/// `Thread` can be moved, made empty and joined. Owns the threads; any thread may add.
template <class Thread>
class StartedUnits {
 public:
  void reserve(std::size_t units) { threads_.reserve(units); }

  void add(Thread started) {
    const std::lock_guard lock(mutex_);
    threads_.push_back(std::move(started));
  }

  /// By one thread. What a unit starts is added before the unit has ended, so none is missed.
  void join_all() {
    for (std::size_t i = 0;; ++i) {
      Thread next;
      {
        const std::lock_guard lock(mutex_);
        if (i == threads_.size()) break;
        next = std::move(threads_[i]);
      }
      next.join();
    }
    threads_.clear();
  }

 private:
  std::mutex
      mutex_;  // a platform thread's: held for a moment, and never where a vthread could park
  std::vector<Thread> threads_;  // guarded by mutex_
};

}  // namespace vtlab
