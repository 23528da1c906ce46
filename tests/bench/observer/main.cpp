// bench-observer: four storms of events for the scheduler, to measure what observing costs the one who is observed.
//
// Each storm keeps to one CPU, the last that it may use: then the number of switches per operation is the same in every
// run, no idle CPU has to be woken, and an observer can have the others. Only the last storm takes them all, to make as many
// events as the machine can. Each measures itself, between its own first and last operation, so that it does not matter how
// long an observer takes to start, or to write down what it saw.
#include <pthread.h>
#include <sched.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <limits>
#include <system_error>
#include <thread>
#include <vector>

#include "../bench.h"

namespace vtlab::bench {
namespace {

void check(bool good, const char* what, int error = errno) {
  if (!good) throw std::system_error(error, std::generic_category(), what);
}

std::vector<std::size_t> my_cpus() {
  cpu_set_t mine;
  check(sched_getaffinity(0, sizeof(mine), &mine) == 0, "sched_getaffinity");
  std::vector<std::size_t> cpus;
  for (std::size_t cpu = 0; cpu < CPU_SETSIZE; ++cpu)
    if (CPU_ISSET(cpu, &mine)) cpus.push_back(cpu);
  return cpus;
}

void use_cpu(std::size_t cpu) {
  cpu_set_t one;
  CPU_ZERO(&one);
  CPU_SET(cpu, &one);
  check(sched_setaffinity(0, sizeof(one), &one) == 0, "sched_setaffinity");
}

void use_one_cpu() {
  use_cpu(my_cpus().back());
}

// What else the machine does only ever adds: what counts is the tenth that it left alone most. Each takes a hundred
// milliseconds or more, so that whatever an observer does now and then is in every one. The first is not measured: page
// faults, caches, and an observer that learns of the process.
template <class Once>
void storm(const Options& options, Once once) {
  constexpr int kParts = 10;
  const std::uint64_t ops = std::max<std::uint64_t>(1, options.ops / kParts);
  double least = std::numeric_limits<double>::infinity();
  for (int part = 0; part <= kParts; ++part) {
    const double ns = ns_each(ops, [&] {
      for (std::uint64_t i = 0; i < ops; ++i) once();
    });
    if (part > 0) least = std::min(least, ns);
  }
  report(options, options.work.c_str(), least, "ns");
}

void clone_storm(const Options& options) {
  use_one_cpu();
  storm(options, [] {
    pthread_t thread;
    const int error = pthread_create(
        &thread, nullptr, [](void*) -> void* { return nullptr; }, nullptr);
    check(error == 0, "pthread_create", error);
    pthread_join(thread, nullptr);
  });
}

void fork_storm(const Options& options) {
  use_one_cpu();
  storm(options, [] {
    const pid_t child = fork();
    check(child >= 0, "fork");
    if (child == 0) _exit(0);
    check(waitpid(child, nullptr, 0) == child, "waitpid");
  });
}

struct Pipe {
  std::array<int, 2> ends;

  Pipe() { check(pipe(ends.data()) == 0, "pipe"); }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  ~Pipe() {
    stop();
    close(ends[0]);
  }
  void stop() {
    if (ends[1] >= 0) close(ends[1]);
    ends[1] = -1;
  }
  bool send() const {
    const char byte = 0;
    return write(ends[1], &byte, 1) == 1;
  }
  bool receive() const {
    char byte;
    return read(ends[0], &byte, 1) == 1;
  }
};

struct PingPong {
  Pipe there, back;
};

void* answer(void* ping_pong) {
  const auto& pipes = *static_cast<PingPong*>(ping_pong);
  while (pipes.there.receive()) check(pipes.back.send(), "write");
  return nullptr;
}

void switch_storm(const Options& options) {
  use_one_cpu();
  PingPong pipes;
  pthread_t partner;
  const int error = pthread_create(&partner, nullptr, answer, &pipes);
  check(error == 0, "pthread_create", error);
  storm(options, [&] { check(pipes.there.send() && pipes.back.receive(), "round trip"); });
  pipes.there.stop();
  pthread_join(partner, nullptr);
}

// Of two threads on one CPU. Whoever does not have the word yields, so that each hand-over is one switch.
struct alignas(64) Word {
  std::atomic<std::uint64_t> handed_over = 0;

  void hand_over_until(std::uint64_t last, bool second) {
    for (std::uint64_t now = 0; now < last;) {
      while ((now = handed_over.load(std::memory_order_relaxed)) % 2 != second) sched_yield();
      handed_over.store(now + 1, std::memory_order_relaxed);
    }
  }
};

void full_storm(const Options& options) {
  const std::vector<std::size_t> cpus = my_cpus();
  const auto on_every_cpu = [&](std::uint64_t ops) {
    std::vector<Word> words(cpus.size());
    std::vector<std::jthread> threads;
    for (std::size_t i = 0; i < cpus.size(); ++i)
      for (const bool second : {false, true})
        threads.emplace_back([&, i, second] {
          use_cpu(cpus[i]);
          words[i].hand_over_until(ops / cpus.size(), second);
        });
  };
  on_every_cpu(options.ops / 10);
  report(options, options.work.c_str(), ns_each(options.ops, [&] { on_every_cpu(options.ops); }),
         "ns");
}

}  // namespace
}  // namespace vtlab::bench

int main(int argc, char** argv) {
  using namespace vtlab::bench;
  static constexpr Work kWorks[] = {{"clone-storm", clone_storm},
                                    {"fork-storm", fork_storm},
                                    {"switch-storm", switch_storm},
                                    {"full-storm", full_storm}};
  return run(argc, argv, "storms of the scheduler", kWorks);
}
