// channel.h — an unbuffered channel for platform threads, which the standard library does not have.
//
// Rule      send() returns once its value was received.
// Threads   One sender and one receiver at a time: all that a ping-pong needs.
#pragma once

#include <condition_variable>
#include <mutex>
#include <optional>

namespace vtlab::bench {

class Channel {
 public:
  void send(int value) {
    std::unique_lock<std::mutex> lock(mutex_);
    value_ = value;
    sent_.notify_one();
    received_.wait(lock, [this] { return !value_.has_value(); });
  }

  int recv() {
    std::unique_lock<std::mutex> lock(mutex_);
    sent_.wait(lock, [this] { return value_.has_value(); });
    const int value = *value_;
    value_.reset();
    received_.notify_one();
    return value;
  }

 private:
  std::mutex mutex_;
  std::condition_variable sent_, received_;
  std::optional<int> value_;
};

}  // namespace vtlab::bench
