// What is added up of system calls, of programs that make known calls a prime number of times.
#include <fcntl.h>
#include <linux/futex.h>
#include <pthread.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/poll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <iostream>
#include <thread>

#include "kernel/observed_program.h"

namespace vtlab::test {
namespace {

using probes::CallRow;
using probes::Calls;
using probes::Counter;
using probes::Limit;
using probes::Rung;
using probes::Session;
using probes::SessionOptions;
using probes::Wait;

constexpr std::uint64_t kThreads = 7, kCalls = 1009, kFailures = 101;
constexpr int kBlockingReads = 53;

// Nothing but the rungs of these two questions differs.
constexpr Rung kCallRungs[] = {Rung::tp_btf, Rung::tracepoint};

struct Sum {
  std::uint64_t rows = 0, returned = 0, errors = 0, restarted = 0, unreturned = 0, in_progress = 0;
  std::uint64_t in_histogram = 0, total_ns = 0, max_ns = 0;
};

template <typename Which>
Sum sum_of(const Calls& calls, Which which) {
  Sum sum;
  std::uint64_t none = 0;
  for (const CallRow& row : calls.rows) {
    if (!which(row)) continue;
    ++sum.rows;
    sum.returned += row.returned;
    (row.error == 0 ? none : row.error < 512 ? sum.errors : sum.restarted) += row.returned;
    sum.unreturned += row.unreturned;
    sum.in_progress += row.in_progress;
    sum.total_ns += row.total_ns;
    sum.max_ns = std::max(sum.max_ns, row.max_ns);
    for (const auto& bucket : row.latency) sum.in_histogram += bucket.count;
  }
  return sum;
}

Sum of(const Calls& calls, std::string_view name) {
  return sum_of(calls, [&](const CallRow& row) {
    return probes::call_name(row.number, row.is_32_bit) == name;
  });
}

Sum waited(const Calls& calls, std::string_view name, Wait wait) {
  return sum_of(calls, [&](const CallRow& row) {
    return row.wait == wait && probes::call_name(row.number, row.is_32_bit) == name;
  });
}

// The row of the one thing that this call waited for.
CallRow the_wait(const Calls& calls, std::string_view name) {
  std::vector<CallRow> rows;
  std::copy_if(calls.rows.begin(), calls.rows.end(), std::back_inserter(rows),
               [&](const CallRow& row) {
                 return row.wait != Wait::nothing && probes::call_name(row.number, false) == name;
               });
  CAPTURE(name);
  REQUIRE(rows.size() == 1);
  return rows.front();
}

struct Recorded {
  Calls calls;
  std::uint64_t entered = 0, returned = 0;
  std::uint64_t skipped = 0;  // runs of probes that the kernel left out, as it says
};

// Read while the program waits at its end: its last write is in the counts, its last read goes on.
Recorded record(
    const std::function<void()>& body, const std::function<void()>& meanwhile = [] {},
    SessionOptions options = {}) {
  options.record_calls = true;
  Session session(options);
  Recorded recorded;
  const Window window =
      observe_program(session, body, meanwhile, [&] { recorded.calls = session.calls(); });
  recorded.entered = window.count(Counter::calls);
  recorded.returned = window.count(Counter::returns);
  recorded.skipped = skipped_runs(session);
  CHECK(recorded.calls.lost + recorded.calls.lost_callers == 0);
  return recorded;
}

void many_calls() {
  std::vector<std::thread> threads;
  for (std::uint64_t t = 0; t < kThreads; ++t)
    threads.emplace_back([] {
      for (std::uint64_t i = 0; i < kCalls; ++i) syscall(SYS_getppid);
      for (std::uint64_t i = 0; i < kFailures; ++i) {
        if (syscall(SYS_close, -1) == 0) _exit(9);
      }
    });
  for (std::thread& thread : threads) thread.join();
}

}  // namespace

TEST_CASE("calls and their errors are counted exactly, those of other processes not at all",
          "[calls]") {
  VTLAB_NEEDS_BPF();
  for (const Rung rung : kCallRungs) {
    CAPTURE(name(rung));
    const auto outside = [] {  // the same calls by this process, which nobody follows
      for (std::uint64_t i = 0; i < kCalls; ++i) syscall(SYS_getppid);
    };
    const Recorded r = record(many_calls, outside, {.only = rung});
    if (r.skipped != 0 && rung == Rung::tp_btf) {  // which is then not chosen by itself
      std::cout << "calls on tp_btf: the kernel says that it skipped " << r.skipped << " probes\n";
      continue;
    }
    const Sum getppid = of(r.calls, "getppid"), close = of(r.calls, "close");
    CHECK(getppid.returned == kThreads * kCalls);
    CHECK(getppid.errors == 0);
    CHECK(getppid.in_histogram == getppid.returned);
    CHECK(close.errors == kThreads * kFailures);
    CHECK(of(r.calls, "clone3").returned + of(r.calls, "clone").returned == kThreads);
    CHECK(of(r.calls, "exit").unreturned == kThreads);
    CHECK(of(r.calls, "exit").returned == 0);
    const Sum all = sum_of(r.calls, [](const CallRow&) { return true; });
    CHECK(all.returned == r.returned);
    CHECK(all.in_progress == 1);
    CHECK(all.returned + all.unreturned + all.in_progress == r.entered);
    CHECK(all.max_ns <= all.total_ns);
    CHECK(all.in_histogram == all.returned);
  }
}

TEST_CASE(
    "a read that waits for another process has blocked on a pipe, one that finds its byte has not",
    "[calls]") {
  VTLAB_NEEDS_BPF();
  int hello[2], to_child[2], to_parent[2];
  for (int* ends : {hello, to_child, to_parent}) REQUIRE(pipe(ends) == 0);
  const auto body = [&] {
    const pid_t self = getpid();
    char byte = 0;
    static_cast<void>(!write(hello[1], &self, sizeof(self)));
    for (int i = 0; i < kBlockingReads; ++i) {
      if (read(to_child[0], &byte, 1) != 1 || write(to_parent[1], &byte, 1) != 1) _exit(9);
    }
    static_cast<void>(!read(to_child[0], &byte, 1));
    int own[2];
    if (pipe(own) != 0) _exit(9);
    for (int i = 0; i < kBlockingReads; ++i) {
      if (write(own[1], "b", 1) != 1 || read(own[0], &byte, 1) != 1) _exit(9);
    }
  };
  const auto partner = [&] {
    pid_t child = 0;
    char byte = 0;
    REQUIRE(read(hello[0], &child, sizeof(child)) == sizeof(child));
    for (int i = 0; i < kBlockingReads; ++i) {
      wait_until_it_waits(child);
      static_cast<void>(!write(to_child[1], "b", 1));
      REQUIRE(read(to_parent[0], &byte, 1) == 1);
    }
    wait_until_it_waits(child);
    static_cast<void>(!write(to_child[1], "b", 1));
  };
  const Recorded r = record(body, partner);
  for (int* ends : {hello, to_child, to_parent}) {
    close(ends[0]);
    close(ends[1]);
  }
  const Sum blocked = waited(r.calls, "read", Wait::pipe);
  const Sum at_once = waited(r.calls, "read", Wait::nothing);
  CHECK(blocked.rows == 1);
  CHECK(blocked.returned == kBlockingReads + 1);
  CHECK(at_once.returned == kBlockingReads);
  CHECK(of(r.calls, "read").returned == 2 * kBlockingReads + 1);
}

// A stalled machine may let a short time pass before the caller has given up its CPU; the call then did not wait.
template <typename Call>
void until_it_waits(Call call) {
  const auto waits = [] {
    rusage usage{};
    getrusage(RUSAGE_THREAD, &usage);
    return usage.ru_nvcsw;
  };
  for (const auto before = waits(); waits() == before;) call();
}

TEST_CASE(
    "what a blocked call waited for is read from its arguments and from the file behind its fd",
    "[calls]") {
  VTLAB_NEEDS_BPF();
  const auto body = [] {
    char byte = 0;
    const timespec ten_ms{0, 10'000'000};
    until_it_waits([&] { clock_nanosleep(CLOCK_MONOTONIC, 0, &ten_ms, nullptr); });
    const int epoll = epoll_create1(0);
    epoll_event event{};
    until_it_waits([&] {
      if (epoll_wait(epoll, &event, 1, 5) != 0) _exit(9);
    });
    pollfd fds[3] = {{-1, 0, 0}, {-1, 0, 0}, {-1, 0, 0}};
    until_it_waits([&] {
      if (syscall(SYS_poll, fds, 3, 7) != 0) _exit(9);
    });
    std::uint32_t word = 0;
    until_it_waits([&] {
      if (syscall(SYS_futex, &word, FUTEX_WAIT_PRIVATE, 0, &ten_ms) == 0) _exit(9);
    });
    // They wait by ppoll(2), which nothing else here does.
    until_it_waits([&] {
      const pid_t child = fork();
      if (child == 0) {
        ppoll(nullptr, 0, &ten_ms, nullptr);
        _exit(0);
      }
      if (waitpid(child, nullptr, 0) != child) _exit(9);
    });
    // Reads that nobody answers end when their time is over.
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) != 0) _exit(9);
    const timeval soon{0, 10'000};
    setsockopt(pair[0], SOL_SOCKET, SO_RCVTIMEO, &soon, sizeof(soon));
    until_it_waits([&] {
      if (recv(pair[0], &byte, 1, 0) != -1) _exit(9);
    });
    const int counter = eventfd(0, 0);
    until_it_waits([&] {
      std::thread writer([&] {
        ppoll(nullptr, 0, &ten_ms, nullptr);
        eventfd_write(counter, 1);
      });
      eventfd_t value = 0;
      if (eventfd_read(counter, &value) != 0) _exit(9);
      writer.join();
    });
  };
  const Recorded r = record(body);
#ifdef SYS_poll
  const CallRow poll = the_wait(r.calls, "poll");
  CHECK(poll.wait == Wait::fds);
  CHECK(poll.fds.value().most == 3);
  CHECK(poll.time_ns.value().most == 7'000'000);
#endif
  const CallRow epoll = the_wait(r.calls, "epoll_wait");
  CHECK(epoll.wait == Wait::epoll);
  CHECK(epoll.limit == Limit::time);
  CHECK(epoll.time_ns.value().least == 5'000'000);
  CHECK(epoll.max_ns >= 5'000'000);
  const CallRow socket = the_wait(r.calls, "recvfrom");
  CHECK(socket.wait == Wait::socket);
  CHECK(socket.detail == (AF_UNIX << 16 | SOCK_STREAM));
  CHECK(socket.error == EAGAIN);
  const CallRow child = the_wait(r.calls, "wait4");
  CHECK(child.wait == Wait::one_child);
  CHECK(waited(r.calls, "read", Wait::eventfd).returned >= 1);
  CHECK(waited(r.calls, "clock_nanosleep", Wait::time).returned == 1);
  const auto futex = std::find_if(r.calls.rows.begin(), r.calls.rows.end(), [](const CallRow& row) {
    return row.wait == Wait::futex && row.limit == Limit::time;
  });
  REQUIRE(futex != r.calls.rows.end());
  CHECK(futex->detail == FUTEX_WAIT);
  CHECK(futex->error == ETIMEDOUT);
}

TEST_CASE("an exec by a second thread returns in the first thread's name and is counted once",
          "[calls]") {
  VTLAB_NEEDS_BPF();
  constexpr int kExecs = 11;
  const auto body = [] {
    for (int i = 0; i < kExecs; ++i) {
      const pid_t child = fork();
      if (child == 0) {
        std::thread([] {
          char* argv[] = {const_cast<char*>("true"), nullptr};
          execv("/bin/true", argv);
          _exit(9);
        }).join();
        _exit(9);
      }
      int status = 0;
      if (waitpid(child, &status, 0) != child || status != 0) _exit(9);
    }
  };
  VTLAB_NEEDS(access("/bin/true", X_OK) == 0, "there is no /bin/true");
  const Recorded r = record(body);
  CHECK(of(r.calls, "execve").returned == kExecs);
  CHECK(of(r.calls, "execve").errors == 0);
  CHECK(of(r.calls, "exit_group").unreturned == kExecs);
  const Sum all = sum_of(r.calls, [](const CallRow&) { return true; });
  CHECK(all.in_progress == 1);  // the program itself, at its gate
  CHECK(all.returned + all.unreturned + all.in_progress == r.entered);
}

TEST_CASE("a call that a signal breaks off to begin anew is no error", "[calls]") {
  VTLAB_NEEDS_BPF();
  constexpr int kSignals = 13;
  int hello[2], to_child[2];
  REQUIRE(pipe(hello) == 0);
  REQUIRE(pipe(to_child) == 0);
  static std::atomic<int> handled;
  const auto body = [&] {
    struct sigaction action {};
    action.sa_handler = [](int) { handled.fetch_add(1); };
    action.sa_flags = SA_RESTART;
    sigaction(SIGUSR1, &action, nullptr);
    const pid_t self = getpid();
    char byte = 0;
    static_cast<void>(!write(hello[1], &self, sizeof(self)));
    if (read(to_child[0], &byte, 1) != 1 || handled.load() != kSignals) _exit(9);
  };
  const auto partner = [&] {
    pid_t child = 0;
    REQUIRE(read(hello[0], &child, sizeof(child)) == sizeof(child));
    const auto pending = [&] {
      const std::string status = proc(child, "status");
      const auto at = status.find("\nShdPnd:");
      return std::stoull(status.substr(at + 8), nullptr, 16);
    };
    for (int i = 0; i < kSignals; ++i) {
      wait_until_it_waits(child);
      kill(child, SIGUSR1);
      while (pending() != 0) sched_yield();
    }
    wait_until_it_waits(child);
    static_cast<void>(!write(to_child[1], "b", 1));
  };
  const Recorded r = record(body, partner);
  for (const int fd : {hello[0], hello[1], to_child[0], to_child[1]}) close(fd);
  const Sum read = of(r.calls, "read");
  CHECK(read.restarted == kSignals);
  CHECK(read.returned == kSignals + 1);
  CHECK(read.errors == 0);
  CHECK(of(r.calls, "rt_sigreturn").returned == kSignals);
  CHECK(of(r.calls, "rt_sigreturn").errors == 0);
}

TEST_CASE(
    "calls are told apart by the action that made the caller and the one that it has published",
    "[calls]") {
  VTLAB_NEEDS_BPF();
  constexpr std::uint32_t kMade = 2, kDoing = 4;
  Session session({.record_calls = true});
  auto* slots =
      static_cast<std::uint64_t*>(mmap(nullptr, std::size_t{session.slots()} * 8,
                                       PROT_READ | PROT_WRITE, MAP_SHARED, session.slots_fd(), 0));
  REQUIRE(slots != MAP_FAILED);
  const auto body = [&] {
    slots[gettid()] = kMade;
    std::thread thread([] {
      for (std::uint64_t i = 0; i < kFailures; ++i) syscall(SYS_getppid);
    });
    slots[gettid()] = kDoing;
    for (std::uint64_t i = 0; i < kCalls; ++i) syscall(SYS_getppid);
    slots[gettid()] = 0;
    thread.join();
  };
  Calls calls;
  observe_program(
      session, body, [] {}, [&] { calls = session.calls(); });
  munmap(slots, std::size_t{session.slots()} * 8);
  const auto getppid = [&](std::uint32_t by, std::uint32_t during) {
    return sum_of(calls, [&](const CallRow& row) {
      return row.by == by && row.during == during && row.number == SYS_getppid;
    });
  };
  CHECK(getppid(kMade, 0).returned == kFailures);
  CHECK(getppid(0, kDoing).returned == kCalls);
  CHECK(of(calls, "getppid").returned == kCalls + kFailures);
}

TEST_CASE("calls that find no row are counted as lost, and all others stay exact", "[calls]") {
  VTLAB_NEEDS_BPF();
  constexpr int kNames = 2503;  // more than there is room for
  Session session({.record_calls = true, .calls_by_name = true});
  const auto body = [] {
    for (int i = 0; i < kNames; ++i) {
      pthread_setname_np(pthread_self(), ("caller " + std::to_string(i)).c_str());
      syscall(SYS_getppid);
    }
  };
  Calls calls;
  const Window window = observe_program(
      session, body, [] {}, [&] { calls = session.calls(); });
  const Sum all = sum_of(calls, [](const CallRow&) { return true; });
  CHECK(calls.lost > 0);
  CHECK(all.returned + calls.lost == window.count(Counter::returns));
  session.forget_calls();
  CHECK(session.calls().rows.empty());
  CHECK(session.calls().lost == 0);
}

}  // namespace vtlab::test
