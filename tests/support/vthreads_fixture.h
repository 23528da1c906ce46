// vthreads_fixture.h — what the tests of vthreads share: the configurations to run with, and sizes.
//
// Rule      No test sleeps to bring about an order: it waits until the thing has happened.
// Rule      Catch2's assertions are not thread-safe: only the test's own thread asserts; others
//           count or store.
#pragma once

#include <unistd.h>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <ostream>
#include <string>
#include <thread>
#include <vector>

#include "support/catch.h"
#include "support/random.h"
#include "vthreads/vthreads.h"

namespace vthreads::test {

#if defined(__SANITIZE_THREAD__)
inline constexpr bool kThreadSanitizer =
    true;  // follows some 8,000 stacks at most, and slows everything down a lot
#else
inline constexpr bool kThreadSanitizer = false;
#endif
#if defined(__SANITIZE_ADDRESS__)
inline constexpr bool kAddressSanitizer = true;
#else
inline constexpr bool kAddressSanitizer = false;
#endif

/// `n`, or less of it under a sanitizer.
constexpr int sized(int n) {
  return kThreadSanitizer ? (n + 9) / 10 : kAddressSanitizer ? (n + 1) / 2 : n;
}

struct Shape {
  unsigned carriers;
  std::uint32_t run_queue_slots;
  Config::Kind kind = Config::Kind::stealing;

  Config config(std::uint64_t seed = 1) const {
    Config config;
    config.kind = kind;
    config.carriers = carriers;
    config.run_queue_slots = run_queue_slots;
    config.seed = seed;
    return config;
  }
};

inline std::ostream& operator<<(std::ostream& out, const Shape& shape) {
  return out << shape.carriers << " carriers, " << shape.run_queue_slots << " slots"
             << (shape.kind == Config::Kind::gmp ? ", gmp" : "");
}

/// One, few and more carriers than CPUs; run queues that overflow at once, and the default; both kinds.
inline std::vector<Shape> all_shapes() {
  std::vector<Shape> shapes;
  for (const Config::Kind kind : {Config::Kind::stealing, Config::Kind::gmp}) {
    for (const unsigned carriers : {1U, 2U, 8U}) {
      for (const std::uint32_t slots : {4U, 256U}) shapes.push_back({carriers, slots, kind});
    }
  }
  return shapes;
}

/// Waits until `done()`; on a vthread without holding its carrier.
template <class Condition>
void wait_until(Condition done) {
  while (!done()) this_vthread::yield();
}

inline void join_all(std::vector<VThread>& vthreads) {
  for (VThread& vthread : vthreads) vthread.join();
  vthreads.clear();
}

/// Number of OS threads of this process. A sanitizer's own thread comes with the first thread that is
/// started, so one is started, and has left /proc, before the first count.
inline int os_threads() {
  static const bool once = [] {
    int tid = 0;
    std::thread([&] { tid = ::gettid(); }).join();
    while (std::filesystem::exists("/proc/self/task/" + std::to_string(tid))) {
    }
    return true;
  }();
  static_cast<void>(once);
  const std::filesystem::directory_iterator tasks("/proc/self/task");
  return static_cast<int>(std::distance(begin(tasks), end(tasks)));
}

/// Waits until there are so many: a thread that has been joined leaves /proc a moment later. False if
/// that does not happen.
inline bool os_threads_become(int wanted) {
  const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (os_threads() != wanted) {
    if (std::chrono::steady_clock::now() > give_up) return false;
    std::this_thread::yield();
  }
  return true;
}

/// Waits until all other OS threads of this process sleep.
inline void wait_until_others_sleep() {
  const auto sleeps = [](const std::filesystem::path& task) {
    std::ifstream in(task / "stat");
    std::string stat{std::istreambuf_iterator<char>(in), {}};
    const std::size_t name = stat.rfind(") ");  // proc(5): the state follows the name
    return name == std::string::npos || stat[name + 2] == 'S';
  };
  wait_until([&] {
    for (const auto& task : std::filesystem::directory_iterator("/proc/self/task")) {
      if (task.path().filename() != std::to_string(::gettid()) && !sleeps(task.path()))
        return false;
    }
    return true;
  });
}

using vtlab::test::Random;

}  // namespace vthreads::test
