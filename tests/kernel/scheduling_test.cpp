// What is recorded of switches and wake-ups, against what the kernel says of the same tasks itself.
#include <linux/sched.h>
#include <sched.h>
#include <sys/syscall.h>

#include <array>
#include <fstream>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "kernel/observed_program.h"
#include "probes/scheduling.h"
#include "scenarios/unit_log.h"

namespace vtlab::test {
namespace {

using probes::Counter;
using probes::Session;
using probes::Switch;
using probes::SwitchRecorder;

#define VTLAB_NEEDS_SCHEDULING(session) \
  VTLAB_NEEDS(!(session).why_no_scheduling(), *(session).why_no_scheduling())

probes::SessionOptions recording(std::uint32_t ring_bytes = 16u << 20) {
  probes::SessionOptions options;
  options.record_scheduling = true;
  options.switch_ring_bytes = ring_bytes;
  return options;
}

void stay_on_one_cpu() {
  cpu_set_t cpus;
  sched_getaffinity(0, sizeof(cpus), &cpus);
  int first = 0;
  while (!CPU_ISSET(first, &cpus)) ++first;
  CPU_ZERO(&cpus);
  CPU_SET(first, &cpus);
  sched_setaffinity(0, sizeof(cpus), &cpus);
}

std::uint32_t gettid_now() {
  return static_cast<std::uint32_t>(gettid());
}

struct Pipe {
  int ends[2];
  Pipe() { REQUIRE(pipe(ends) == 0); }
  ~Pipe() {
    close(ends[0]);
    close(ends[1]);
  }
  void put(const void* bytes, std::size_t size) { static_cast<void>(!write(ends[1], bytes, size)); }
  bool get(void* bytes, std::size_t size) {
    return read(ends[0], bytes, size) == static_cast<ssize_t>(size);
  }
};

void ping_pong(Pipe& hear, Pipe& tell, bool begin, int rounds) {
  char byte = 0;
  if (begin) tell.put(&byte, 1);
  for (int i = 0; i < rounds; ++i) {
    hear.get(&byte, 1);
    if (!begin || i + 1 < rounds) tell.put(&byte, 1);
  }
}

// What /proc says of a task.
struct OwnAccount {
  std::uint64_t voluntary = 0, involuntary = 0, on_cpu_ns = 0, waited_ns = 0;
};

OwnAccount account_of(pid_t process, std::uint32_t tid) {
  const std::string folder =
      "/proc/" + std::to_string(process) + "/task/" + std::to_string(tid) + "/";
  OwnAccount account;
  std::string word;
  for (std::ifstream in(folder + "status"); in >> word;) {
    if (word == "voluntary_ctxt_switches:") in >> account.voluntary;
    if (word == "nonvoluntary_ctxt_switches:") in >> account.involuntary;
  }
  std::ifstream(folder + "schedstat") >> account.on_cpu_ns >> account.waited_ns;
  return account;
}

char state_of(pid_t process, std::uint32_t tid) {
  std::ifstream in("/proc/" + std::to_string(process) + "/task/" + std::to_string(tid) + "/stat");
  std::string text;
  std::getline(in, text);
  return text.substr(text.rfind(") ") + 2)[0];
}

// The same from the records.
struct Recorded {
  OwnAccount sums;
  std::map<std::uint32_t, std::uint64_t> woken_by;
  std::uint64_t started_ns = 0;
};

std::map<std::uint32_t, Recorded> add_up(const SwitchRecorder& recorder,
                                         std::uint64_t until_ns = UINT64_MAX) {
  std::map<std::uint32_t, Recorded> tasks;
  recorder.replay([&](const Switch& s) {
    if (s.time_ns + recorder.clock_offset_ns() > until_ns) return;
    if (s.prev != 0) {
      Recorded& task = tasks[s.prev];
      ++(s.voluntary() ? task.sums.voluntary : task.sums.involuntary);
      if (task.started_ns != 0) task.sums.on_cpu_ns += s.time_ns - task.started_ns;
    }
    if (s.next != 0) {
      Recorded& task = tasks[s.next];
      task.started_ns = s.time_ns;
      if (s.queued_ns != 0) task.sums.waited_ns += s.time_ns - s.queued_ns;
      if (s.wakes != 0) task.woken_by[s.waker] += s.wakes;
    }
  });
  return tasks;
}

// A new process with that tid, as fork(2) returns; -1 if it cannot be had.
pid_t task_with(std::uint32_t tid) {
  const auto wanted = static_cast<pid_t>(tid);
  clone_args arguments{};
  arguments.exit_signal = SIGCHLD;
  arguments.set_tid = reinterpret_cast<std::uint64_t>(&wanted);
  arguments.set_tid_size = 1;
  return static_cast<pid_t>(syscall(SYS_clone3, &arguments, sizeof(arguments)));
}

// A recorded time over the kernel's own.
double ratio(std::uint64_t recorded, std::uint64_t told) {
  return static_cast<double>(recorded) / static_cast<double>(told);
}

bool near(double ratio) {
  return ratio > 0.95 && ratio < 1.05;
}

// How long one thread computed and another waited, as recorded, over what the kernel says.
struct Times {
  double on_cpu = 0, waited = 0;
};

// Two threads that wait for each other and two that fight for the CPU, recorded. Their switches
// must be exactly those that the kernel counted.
Times compare_with_the_kernel() {
  Session session(recording());
  SwitchRecorder recorder(session.switch_rings());
  struct Hello {
    pid_t process;
    std::array<std::uint32_t, 4> tids;
  };
  Pipe ready, go;
  std::map<std::uint32_t, OwnAccount> told;
  Hello hello{};
  std::uint64_t asked_ns = 0;
  observe_program(
      session,
      [&] {
        stay_on_one_cpu();
        Pipe there, back, done;
        Hello mine{getpid(), {}};
        const auto in_thread = [&](std::size_t place, auto work) {
          return std::thread([&, place, work] {
            mine.tids[place] = gettid_now();
            work();
            done.put("d", 1);
            char byte;
            go.get(&byte, 1);
          });
        };
        const auto burn = [] {
          timespec now{};
          do {
            clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
          } while (now.tv_nsec < 60'000'000);
        };
        std::vector<std::thread> threads;
        threads.push_back(in_thread(0, [&] { ping_pong(there, back, false, 499); }));
        threads.push_back(in_thread(1, [&] { ping_pong(back, there, true, 499); }));
        threads.push_back(in_thread(2, burn));
        threads.push_back(in_thread(3, burn));
        char byte;
        for (std::size_t i = 0; i < threads.size(); ++i) done.get(&byte, 1);
        ready.put(&mine, sizeof(mine));
        for (std::thread& thread : threads) thread.join();
      },
      [&] {
        REQUIRE(ready.get(&hello, sizeof(hello)));
        for (const std::uint32_t tid : hello.tids) {
          while (state_of(hello.process, tid) != 'S') std::this_thread::yield();
          told[tid] = account_of(hello.process, tid);
        }
        asked_ns = monotonic_ns();  // all wait, until the next line
        go.put("gggg", 4);
      });
  recorder.stop();
  CHECK(recorder.lost().total() == 0);
  std::map<std::uint32_t, Recorded> seen = add_up(recorder, asked_ns);
  for (const std::uint32_t tid : hello.tids) {
    CAPTURE(tid);
    const Recorded& mine = seen[tid];
    CHECK(mine.sums.voluntary == told[tid].voluntary);
    CHECK(mine.sums.involuntary == told[tid].involuntary);
    CHECK(told[tid].voluntary > 0);
  }
  CHECK(told[hello.tids[2]].involuntary + told[hello.tids[3]].involuntary > 0);
  return {ratio(seen[hello.tids[2]].sums.on_cpu_ns, told[hello.tids[2]].on_cpu_ns),
          ratio(seen[hello.tids[3]].sums.waited_ns, told[hello.tids[3]].waited_ns)};
}

}  // namespace

TEST_CASE("the recorded switches of a thread are those that the kernel itself counted") {
  VTLAB_NEEDS_BPF();
  VTLAB_NEEDS_SCHEDULING(Session(recording()));
  // The kernel reads its clock a little before or after our programs read theirs. A hypervisor that
  // takes the CPU away just between the two shifts milliseconds from one thread to the other, which
  // is rare: what we add up wrongly is wrong each time.
  Times times;
  for (int i = 0; i < 5 && !(near(times.on_cpu) && near(times.waited)); ++i)
    times = compare_with_the_kernel();
  CAPTURE(times.on_cpu, times.waited);
  CHECK(near(times.on_cpu));
  CHECK(near(times.waited));
}

TEST_CASE("a stranger that gets the tid of one of ours that called exec is not recorded") {
  VTLAB_NEEDS_BPF();
  Session session(recording());
  VTLAB_NEEDS_SCHEDULING(session);
  SwitchRecorder recorder(session.switch_rings());
  Pipe tell, go;
  std::uint32_t tid = 0;
  pid_t stranger = 0;
  std::uint64_t made_ns = 0;
  observe_program(
      session,
      [&] {
        const pid_t child = fork();
        if (child == 0) {
          std::thread([&] {
            const std::uint32_t mine = gettid_now();
            tell.put(&mine, sizeof(mine));
            execl("/bin/true", "true", nullptr);
          }).join();
        }
        waitpid(child, nullptr, 0);
        tell.put("e", 1);
        char byte;
        go.get(&byte, 1);
      },
      [&] {
        char byte;
        REQUIRE(tell.get(&tid, sizeof(tid)));
        REQUIRE(tell.get(&byte, 1));
        made_ns = monotonic_ns();
        stranger = task_with(tid);
        if (stranger == 0) {
          sched_yield();
          _exit(0);
        }
        if (stranger > 0) waitpid(stranger, nullptr, 0);
        go.put("g", 1);
      });
  recorder.stop();
  VTLAB_NEEDS(stranger == static_cast<pid_t>(tid), "choosing the tid of a new process (clone3)");
  std::uint64_t ours = 0, strangers = 0;
  recorder.replay([&](const Switch& s) {
    if (s.prev != tid && s.next != tid) return;
    ++(s.time_ns + recorder.clock_offset_ns() < made_ns ? ours : strangers);
  });
  CHECK(ours > 0);
  CHECK(strangers == 0);
}

TEST_CASE("of two processes that play ping-pong each is woken by the other and nobody else") {
  VTLAB_NEEDS_BPF();
  Session session(recording());
  VTLAB_NEEDS_SCHEDULING(session);
  SwitchRecorder recorder(session.switch_rings());
  constexpr int kRounds = 997;
  Pipe players;
  const Window window = observe_program(session, [&] {
    Pipe there, back;
    for (const bool begins : {false, true}) {
      if (fork() != 0) continue;
      const std::uint32_t tid = gettid_now();
      players.put(&tid, sizeof(tid));
      ping_pong(begins ? back : there, begins ? there : back, begins, kRounds);
      _exit(0);
    }
    while (waitpid(-1, nullptr, 0) > 0) {
    }
  });
  recorder.stop();
  CHECK(recorder.lost().total() == 0);
  std::uint32_t player[2] = {};
  REQUIRE((players.get(&player[0], 4) && players.get(&player[1], 4)));
  std::map<std::uint32_t, Recorded> seen = add_up(recorder);
  for (const int i : {0, 1}) {
    const auto& woken_by = seen[player[i]].woken_by;
    std::uint64_t by_the_other = 0, by_others = 0;
    for (const auto& [waker, times] : woken_by)
      (waker == player[1 - i] ? by_the_other : by_others) += times;
    CHECK(by_the_other > 0);
    CHECK(by_the_other <= kRounds);
    CHECK(by_others == 0);
  }
  CHECK(window.count(Counter::wakeups) > 0);
}

TEST_CASE("every switch that was counted is recorded, in order of time") {
  VTLAB_NEEDS_BPF();
  Session session(recording());
  VTLAB_NEEDS_SCHEDULING(session);
  SwitchRecorder recorder(session.switch_rings());
  const Window window = observe_program(session, [] {
    for (int i = 0; i < 199; ++i) std::thread([] {}).join();
  });
  // A process can be reaped just before its last switch, so that one may come between or after these.
  const auto counted = [&] {
    return session.read().counts[static_cast<std::size_t>(Counter::switches)].value();
  };
  const std::uint64_t before = counted();
  recorder.stop();
  const std::uint64_t after = counted();
  std::uint64_t away = 0, born = 0, ended = 0, last_ns = 0;
  bool in_order = true;
  recorder.replay([&](const Switch& s) {
    away += s.prev != 0;
    born += s.next_is_new();
    ended += s.prev_ended();
    in_order = in_order && s.time_ns >= last_ns;
    last_ns = s.time_ns;
  });
  CHECK(in_order);
  CHECK(away >= window.count(Counter::switches));
  CHECK(away >= before);
  CHECK(away <= after);
  CHECK(born == 199);
  CHECK(ended >= 199);
}

TEST_CASE("a second recorder of a session begins with what comes, also after a loss") {
  VTLAB_NEEDS_BPF();
  Session session(recording(4096));
  VTLAB_NEEDS_SCHEDULING(session);
  const auto start_threads = [](int count) {
    for (int i = 0; i < count; ++i) std::thread([] {}).join();
  };
  SwitchRecorder(session.switch_rings(), {.reading = false}).stop();
  observe_program(session, [&] { start_threads(997); });  // nobody reads: some of it is lost
  SwitchRecorder second(session.switch_rings());
  observe_program(session, [&] { start_threads(3); });
  second.stop();
  std::uint64_t born = 0;
  second.replay([&](const Switch& s) { born += s.next_is_new(); });
  CHECK(born == 3);
  CHECK(second.lost().total() == 0);
}

TEST_CASE("switches that find no room in the rings of a stopped reader are counted with the time") {
  VTLAB_NEEDS_BPF();
  Session session(recording(4096));
  VTLAB_NEEDS_SCHEDULING(session);
  SwitchRecorder recorder(session.switch_rings(), {.reading = false});
  observe_program(session, [] {
    for (int i = 0; i < 997; ++i) std::thread([] {}).join();
  });
  recorder.stop();
  const probes::SwitchLoss loss = recorder.lost();
  CHECK(loss.no_room_in_ring > 0);
  CHECK(loss.no_room_in_file == 0);
  CHECK(loss.first_ns > 0);
  CHECK(loss.first_ns <= loss.last_ns);
  CHECK(recorder.recorded() > 0);
  CHECK(recorder.recorded() + loss.total() >=
        session.read().counts[static_cast<std::size_t>(Counter::switches)].value());
}

TEST_CASE("switches that find no room in the file are counted with the reason") {
  VTLAB_NEEDS_BPF();
  Session session(recording());
  VTLAB_NEEDS_SCHEDULING(session);
  SwitchRecorder recorder(session.switch_rings(), {.most_bytes = 100 * sizeof(Switch)});
  observe_program(session, [] {
    for (int i = 0; i < 499; ++i) std::thread([] {}).join();
  });
  recorder.stop();
  CHECK(recorder.recorded() <= 100);
  CHECK(recorder.lost().no_room_in_file > 0);
  CHECK(recorder.lost().because == "the file may not be larger");
  std::uint64_t replayed = 0;
  recorder.replay([&](const Switch&) { ++replayed; });
  CHECK(replayed == recorder.recorded());
}

}  // namespace vtlab::test
