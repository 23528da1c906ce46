// Whatever a program does to make tasks, all that is counted and recorded is exactly what it did.
//
// Programs are random (support/task_mix.h): each is a seed, and is begun anew, observed from its first
// to its last task, and compared with what is known of it.
// Replay    VTLAB_SEED=n runs that seed alone; VTLAB_ROUNDS=n how many seeds (tests/README.md).
#include <fcntl.h>
#include <poll.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "kernel/observed_program.h"
#include "support/task_mix.h"

namespace vtlab::test {
namespace {

using mix::Truth;
using probes::Call;
using probes::Counter;
using probes::Creation;
using probes::Event;
using probes::EventKind;
using probes::Session;

std::optional<std::uint64_t> number_from(const char* variable) {
  const char* text = std::getenv(variable);
  if (!text) return std::nullopt;
  return std::strtoull(text, nullptr, 10);
}

std::vector<std::uint64_t> seeds(std::uint64_t rounds) {
  if (const auto one = number_from("VTLAB_SEED")) return {*one};
  std::vector<std::uint64_t> all(number_from("VTLAB_ROUNDS").value_or(rounds));
  for (std::size_t i = 0; i < all.size(); ++i) all[i] = i;
  return all;
}

struct Seen {
  Window window;
  std::vector<Event> events;
  std::vector<Creation> creations;
  std::string complaints;
  std::size_t left = 0;  // processes that are still followed at the end
  int status = -1;
};

class Pipe {
 public:
  Pipe() { REQUIRE(pipe2(ends_, O_CLOEXEC) == 0); }
  ~Pipe() {
    close(ends_[0]);
    close_writer();
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  int reader() const { return ends_[0]; }
  int writer() const { return ends_[1]; }
  void close_writer() {
    if (ends_[1] >= 0) close(ends_[1]);
    ends_[1] = -1;
  }

 private:
  int ends_[2];
};

// Forks a process that becomes task-mix once the gate is open. Standard error is the pipe.
pid_t start(std::uint64_t seed, const Pipe& gate, const Pipe& complaints) {
  const std::string text = std::to_string(seed);
  char* words[] = {const_cast<char*>("task-mix"), const_cast<char*>(text.c_str()), nullptr};
  const pid_t program = fork();
  if (program != 0) return program;
  char byte;
  if (read(gate.reader(), &byte, 1) != 1) _exit(9);
  dup2(complaints.writer(), STDERR_FILENO);
  dup2(open("/dev/null", O_WRONLY), STDOUT_FILENO);
  execv(VTLAB_BINARY_DIR "/task-mix", words);
  _exit(8);
}

// Waits until the last task of the tree has run its last, also of those that init has now: first until
// nobody has the pipe, which is before the end of a task, then until nobody is followed.
std::string read_to_the_end(Session& session, Pipe& pipe, const std::function<void()>& meanwhile) {
  pipe.close_writer();
  std::string text;
  char part[4096];
  for (;;) {
    pollfd ready{pipe.reader(), POLLIN, 0};
    poll(&ready, 1, 1);  // the ring must be emptied meanwhile
    meanwhile();
    if (ready.revents == 0) continue;
    const ssize_t got = read(pipe.reader(), part, sizeof(part));
    if (got <= 0) break;
    text.append(part, static_cast<std::size_t>(got));
  }
  constexpr int kSafetyNet = 1'000'000;
  for (int i = 0; session.following() != 0 && i < kSafetyNet; ++i) sched_yield();
  return text;
}

Seen run(Session& session, std::uint64_t seed) {
  Seen seen;
  Pipe gate, complaints;
  const auto drain = [&] {
    session.drain([&](const Event& event) { seen.events.push_back(event); },
                  [&](const Creation& creation) { seen.creations.push_back(creation); });
  };
  drain();  // of the program before, whose last events came after it was asked
  session.take_unfinished([](const Creation&) {});
  seen.events.clear();
  seen.creations.clear();
  const pid_t program = start(seed, gate, complaints);
  session.follow(static_cast<std::uint32_t>(program), 1);
  seen.window.before = session.read();
  static_cast<void>(!write(gate.writer(), "g", 1));
  seen.complaints = read_to_the_end(session, complaints, drain);
  waitpid(program, &seen.status, 0);
  seen.left = session.following();
  seen.window.after = session.read();
  drain();
  session.take_unfinished([&](const Creation& creation) { seen.creations.push_back(creation); });
  return seen;
}

// What differs from the truth, as lines for people; empty if nothing does.
class Differences {
 public:
  void same(const std::string& what, std::uint64_t seen, std::uint64_t truth) {
    if (seen != truth)
      text_ +=
          what + ": seen " + std::to_string(seen) + ", in truth " + std::to_string(truth) + "\n";
  }
  void add(const std::string& line) { text_ += line + "\n"; }
  const std::string& text() const { return text_; }

 private:
  std::string text_;
};

bool asked_of_the_function(const Session& session, Counter counter) {
  for (const auto& question : session.attached()) {
    if (question.counter == counter) return question.rung && probes_function(*question.rung);
  }
  return false;
}

void compare_counts(const Window& window, const Truth& truth, bool kernel_clone_is_function,
                    Differences& differ) {
  const auto count = [&](Counter counter) { return window.count(counter); };
  differ.same("wake_new", count(Counter::wake_new), truth.tasks());
  differ.same("copy_process", count(Counter::copy_process), truth.tasks());
  differ.same("kernel_clone", count(Counter::kernel_clone),
              truth.tasks() + (kernel_clone_is_function ? truth.refused_late : 0));
  differ.same("exits", count(Counter::exits), truth.tasks() + 1);
  const std::uint64_t calls = truth.tasks() + truth.refused_early + truth.refused_late;
  differ.same("sys_enter", count(Counter::sys_enter), calls);
  differ.same("sys_exit", count(Counter::sys_exit), calls);
  differ.same("ledger: kernel_tasks", window.by_action(0), truth.tasks());
  differ.same("ledger: sharing_mm", window.sharing(0), truth.sharing_mm);
  differ.same("lost events", window.after.lost_events - window.before.lost_events, 0);
  differ.same("lost creations", window.after.lost_creations - window.before.lost_creations, 0);
  differ.same("lost processes", window.after.lost_processes - window.before.lost_processes, 0);
}

void compare_events(const std::vector<Event>& events, const Truth& truth, Differences& differ) {
  const auto started = [&](bool thread) {
    return static_cast<std::uint64_t>(
        std::count_if(events.begin(), events.end(), [&](const Event& event) {
          return event.kind == EventKind::started && (event.tid != event.tgid) == thread;
        }));
  };
  differ.same("threads that started", started(true), truth.threads);
  differ.same("processes that started", started(false), truth.processes);
  differ.same("events of exits",
              static_cast<std::uint64_t>(std::count_if(
                  events.begin(), events.end(),
                  [](const Event& event) { return event.kind == EventKind::exited; })),
              truth.tasks() + 1);
}

void compare_creations(const std::vector<Creation>& creations, const Truth& truth,
                       Differences& differ) {
  std::uint64_t made = 0, vforks = 0, shared = 0, refused = 0, vague = 0;
  for (const Creation& c : creations) {
    if (c.error != 0) {
      ++refused;
      vague += c.error != EINVAL || c.tid != 0;
      continue;
    }
    ++made;
    vforks += c.call == Call::vfork;
    shared += c.flags.value_or(0) & CLONE_VM ? 1 : 0;
    vague += c.call == Call::none || c.tid == 0 || c.tgid == 0 || c.asked_ns == 0 ||
             c.copied_ns < c.asked_ns || c.woken_ns < c.copied_ns ||
             (c.ran_ns != 0 && c.ran_ns < c.woken_ns);  // 0: see docs/decisions/0031
  }
  differ.same("records of tasks", made, truth.tasks());
  differ.same("records of vfork", vforks, truth.vforks);
  differ.same("records with CLONE_VM", shared, truth.sharing_mm);
  differ.same("records of failures", refused, truth.refused_early + truth.refused_late);
  differ.same("records that are not whole", vague, 0);
}

std::string differences(const Seen& seen, const Truth& truth, bool kernel_clone_is_function) {
  Differences differ;
  if (!seen.complaints.empty()) differ.add("the program: " + seen.complaints);
  if (seen.status != 0) differ.add("the program ended with status " + std::to_string(seen.status));
  compare_counts(seen.window, truth, kernel_clone_is_function, differ);
  compare_events(seen.events, truth, differ);
  compare_creations(seen.creations, truth, differ);
  differ.same("processes still followed", seen.left, 0);
  return differ.text();
}

std::unique_ptr<Session> open(std::optional<probes::Rung> only) {
  probes::SessionOptions options{.record_creations = true};
  options.only = only;
  return std::make_unique<Session>(options);
}

struct Sum {
  std::uint64_t runs = 0, tasks = 0, execs = 0, orphans = 0, refused = 0, again = 0, skipped = 0;
};

// Every seed through one session. What a preemptible kernel skipped and said so is run again in a new
// one (docs/decisions/0026).
Sum run_all(const std::vector<std::uint64_t>& all, std::optional<probes::Rung> only) {
  Sum sum;
  auto session = open(only);
  const bool is_function = asked_of_the_function(*session, Counter::kernel_clone);
  for (const std::uint64_t seed : all) {
    const Truth truth = mix::truth(mix::root(seed));
    Seen seen = run(*session, seed);
    for (int again = 0; skipped_runs(*session) != 0 && again < 4; ++again, ++sum.again) {
      session = open(only);
      seen = run(*session, seed);
    }
    if (only && skipped_runs(*session) != 0) {  // such a rung is not chosen by itself
      ++sum.skipped;
      session = open(only);
      continue;
    }
    CHECK(skipped_runs(*session) == 0);
    const std::string differ = differences(seen, truth, is_function);
    INFO(differ << "to run it again: VTLAB_SEED=" << seed);
    REQUIRE(differ.empty());  // the session would carry what it did wrong into the next run
    ++sum.runs;
    sum.tasks += truth.tasks();
    sum.execs += truth.execs;
    sum.orphans += truth.orphans;
    sum.refused += truth.refused_early + truth.refused_late;
  }
  return sum;
}

bool every_question_has_a_rung(probes::Rung only) {
  const auto attached = open(only)->attached();
  return std::all_of(attached.begin(), attached.end(),
                     [](const auto& question) { return question.rung.has_value(); });
}

}  // namespace

TEST_CASE("of a thousand random programs every count and every record is exactly what they did",
          "[exact]") {
  VTLAB_NEEDS_BPF();
  const Sum sum = run_all(seeds(1000), std::nullopt);
  std::cout << sum.runs << " programs, " << sum.tasks << " tasks, " << sum.execs << " execs, "
            << sum.orphans << " orphans, " << sum.refused << " refused calls; run again "
            << sum.again << "\n";
}

TEST_CASE("random programs are counted exactly on every rung that is forced", "[exact]") {
  VTLAB_NEEDS_BPF();
  for (const probes::Rung rung : probes::kRungs) {
    CAPTURE(name(rung));
    if (!every_question_has_a_rung(rung)) continue;
    const Sum sum = run_all(seeds(50), rung);
    std::cout << "rung " << name(rung) << ": " << sum.runs << " programs exact, " << sum.skipped
              << " of which the kernel says that it skipped probes\n";
  }
}

}  // namespace vtlab::test
