// stack_maker.h — an OS thread that makes stacks before they are asked for.
//
// A new stack costs a page fault and a guard, some microseconds; all else about starting a vthread costs some
// hundred nanoseconds. While a crowd is being started that was not there before, this thread pays for half of
// the stacks, on another CPU.
//
// Owns      its OS thread, which it starts when it is asked for the first time. Where there is none to be had it
//           does nothing: who needs a stack makes it, as without it.
// Rule      It sleeps as soon as kEnough stacks are ready, and so never makes more than that in vain.
// Threads   ask(), stop(): anybody.
// Rejected  Idle carriers that do it: with Drive::calling_thread there are none, and one that makes stacks
//           looks after neither deadlines nor descriptors.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <thread>

namespace vthreads::detail {

class StackPool;

class StackMaker {
 public:
  static constexpr std::size_t kEnough = 1024;

  explicit StackMaker(StackPool& pool) : pool_(pool) {}
  ~StackMaker() { stop(); }
  StackMaker(const StackMaker&) = delete;
  StackMaker& operator=(const StackMaker&) = delete;

  /// Few stacks are ready, and more will be needed soon. Never waits, never fails.
  void ask();

  /// Its OS thread has ended when this returns; from now on asking does nothing.
  void stop();

 private:
  enum class Order : std::uint32_t { none, make, stop };

  void start();
  void run();

  StackPool& pool_;
  std::atomic<Order> order_{Order::none};
  std::atomic<bool> started_{false};
  std::mutex starting_;  // guards thread_
  std::thread thread_;
};

}  // namespace vthreads::detail
