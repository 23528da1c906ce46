// vthreads_blocks.h — control blocks that never run, for tests of the parts that only move them
// about.
#pragma once

#include "scheduler.h"
#include "stack_pool.h"

namespace vthreads::test {

class Blocks {
 public:
  explicit Blocks(const detail::StackOptions& options = {})
      : core_(detail::SchedulerCore::make(green())), pool_(core_, options) {}
  ~Blocks() { core_.retire(); }
  Blocks(const Blocks&) = delete;
  Blocks& operator=(const Blocks&) = delete;

  /// Good until this is destroyed.
  detail::ControlBlock& make() { return pool_.acquire(); }

  detail::SchedulerCore& core() { return core_; }
  detail::StackPool& pool() { return pool_; }

 private:
  static Config green() {
    Config config;
    config.drive = Config::Drive::calling_thread;
    return config;
  }

  detail::SchedulerCore& core_;
  detail::StackPool pool_;
};

}  // namespace vthreads::test
