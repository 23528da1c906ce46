// bench-observer: three storms of events for the scheduler, to measure what observing costs the one who is observed.
//
// Each storm keeps to one CPU, the last that it may use: then the number of switches per operation is the same in every
// run, no idle CPU has to be woken, and an observer can have the others. It measures itself, between its own first and last
// operation, so that it does not matter how long an observer takes to start, or to write down what it saw.
#include <pthread.h>
#include <sched.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>

#include "../bench.h"

namespace vtlab::bench {
namespace {

void check(bool good, const char* what, int error = errno) {
  if (!good) throw std::system_error(error, std::generic_category(), what);
}

void use_one_cpu() {
  cpu_set_t mine, one;
  check(sched_getaffinity(0, sizeof(mine), &mine) == 0, "sched_getaffinity");
  CPU_ZERO(&one);
  for (std::size_t cpu = CPU_SETSIZE; cpu-- > 0 && CPU_COUNT(&one) == 0;)
    if (CPU_ISSET(cpu, &mine)) CPU_SET(cpu, &one);
  check(sched_setaffinity(0, sizeof(one), &one) == 0, "sched_setaffinity");
}

// The first tenth is not measured: page faults, caches, and an observer that learns of the process.
template <class Once>
void storm(const Options& options, Once once) {
  for (std::uint64_t i = 0; i < options.ops / 10; ++i) once();
  const double ns = ns_each(options.ops, [&] {
    for (std::uint64_t i = 0; i < options.ops; ++i) once();
  });
  report(options, options.work.c_str(), ns, "ns");
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

}  // namespace
}  // namespace vtlab::bench

int main(int argc, char** argv) {
  using namespace vtlab::bench;
  static constexpr Work kWorks[] = {
      {"clone-storm", clone_storm}, {"fork-storm", fork_storm}, {"switch-storm", switch_storm}};
  return run(argc, argv, "storms on one CPU", kWorks);
}
