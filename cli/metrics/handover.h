// handover.h — a value that one thread owns and others ask for.
//
// Owns      the last answer. What it is made of stays the owner's: no other thread ever touches it.
// Threads   ask() by any number of threads; wanted(), answer() and close() by the owner, who looks every few
//           milliseconds whether somebody asks. Who asked before the owner began to look gets a value that is no
//           older than the question.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <optional>
#include <utility>

namespace vtlab::metrics {

template <class Value>
class Handover {
 public:
  /// Waits for the owner. After close(): the last answer, or nothing if there was none.
  std::optional<Value> ask() {
    std::unique_lock lock(mutex_);
    const std::uint64_t mine = ++asked_;
    wanted_ = true;
    answered_one_.wait(lock, [&] { return answered_ >= mine || closed_; });
    return value_;
  }

  bool wanted() const { return wanted_; }

  /// Calls look() without the lock, and gives what it returns to all who had asked before.
  template <class Look>
  void answer(Look look) {
    std::uint64_t all = 0;
    {
      const std::lock_guard lock(mutex_);
      wanted_ = false;
      all = asked_;
    }
    Value value = look();
    const std::lock_guard lock(mutex_);
    value_ = std::move(value);
    answered_ = all;
    answered_one_.notify_all();
  }

  /// From now on nobody waits.
  void close() {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    answered_one_.notify_all();
  }

 private:
  std::mutex mutex_;
  std::condition_variable answered_one_;
  std::atomic<bool> wanted_{false};
  // Under mutex_:
  std::uint64_t asked_ = 0, answered_ = 0;
  bool closed_ = false;
  std::optional<Value> value_;
};

}  // namespace vtlab::metrics
