// Whom the stacks of creators name: a program with known functions (support/makes_tasks.c) that make tasks
// a prime number of times, built as programs are built: without frame pointers, with them, static, stripped.
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "kernel/observed_program.h"
#include "lab/creators.h"

namespace vtlab::test {
namespace {

using probes::Session;
using result::Creator;
using result::CreatorEnd;
using result::Creators;

struct Made {
  std::uint64_t threads = 0, processes = 0;
  bool operator==(const Made&) const = default;
};
using MadeBy = std::map<std::string, Made>;

const MadeBy kTruth = {
    {"threads_here", {1009, 0}},   {"threads_there", {503, 0}}, {"forks", {0, 31}},
    {"vforks", {0, 29}},           {"raw_clones", {0, 23}},     {"spawns", {0, 19}},
    {"thread_that_forks", {1, 0}}, {"forks_deep_down", {0, 17}}};
constexpr std::uint64_t kTasks = 1009 + 503 + 31 + 29 + 23 + 19 + 1 + 17;

std::string built(const char* way) {
  return std::string(VTLAB_BINARY_DIR) + "/makes-tasks-" + way;
}

// Runs a body in a process of its own and takes the stacks meanwhile, as an observer does.
// `skipped`: runs of probes that the kernel left out, as it says; may be null.
Creators creators_of(const std::function<void()>& body, const probes::SessionOptions& options,
                     std::uint64_t* skipped = nullptr) {
  Session session(options);
  lab::CreatorStacks stacks(session);
  int gate[2];
  REQUIRE(pipe(gate) == 0);
  const pid_t child = fork();
  if (child == 0) {
    close(gate[1]);
    char byte;
    if (read(gate[0], &byte, 1) == 1) body();
    _exit(127);
  }
  close(gate[0]);
  session.follow(static_cast<std::uint32_t>(child), 1);
  stacks.begin();
  const auto before = session.read();
  static_cast<void>(!write(gate[1], "g", 1));
  int status = 0;
  while (waitpid(child, &status, WNOHANG) == 0) {
    stacks.service();
    std::this_thread::sleep_for(std::chrono::microseconds(500));
  }
  close(gate[1]);
  CHECK(status == 0);
  const auto after = session.read();
  if (skipped) *skipped = skipped_runs(session);
  const auto wakes = static_cast<std::size_t>(probes::Counter::wake_new);
  return stacks.end(after.counts[wakes].value() - before.counts[wakes].value(),
                    after.lost_stacks - before.lost_stacks);
}

Creators creators_of(const std::string& program, probes::SessionOptions options = {},
                     std::uint64_t* skipped = nullptr) {
  options.record_stacks = true;
  return creators_of(
      [&] {
        char* words[] = {const_cast<char*>(program.c_str()), nullptr};
        execv(program.c_str(), words);
      },
      options, skipped);
}

std::uint64_t sum(const Creators& creators) {
  std::uint64_t tasks = creators.not_recorded;
  for (const Creator& place : creators.places) tasks += place.tasks();
  return tasks;
}

MadeBy by_function(const Creators& creators) {
  MadeBy made;
  for (const Creator& place : creators.places) {
    for (const auto& frame : place.frames) {
      if (!kTruth.contains(frame.function)) continue;
      made[frame.function].threads += place.threads;
      made[frame.function].processes += place.processes;
    }
  }
  return made;
}

std::string text_of(const Creators& creators) {
  std::string text;
  for (const Creator& place : creators.places) {
    text += std::to_string(place.threads) + " threads, " + std::to_string(place.processes) +
            " processes, end " + std::to_string(static_cast<int>(place.end)) +
            place.missing_because + "\n";
    for (const auto& frame : place.frames)
      text += "    " + frame.function + " " + frame.file + "\n";
  }
  return text;
}

}  // namespace

TEST_CASE("every task is put down to the function that made it") {
  VTLAB_NEEDS_BPF();
  for (const char* way : {"plain", "frame-pointers", "static", "stripped"}) {
    CAPTURE(way);
    const Creators creators = creators_of(built(way));
    CAPTURE(text_of(creators));
    CHECK(creators.tasks == kTasks);
    CHECK(sum(creators) == kTasks);
    CHECK(creators.not_recorded == 0);
    CHECK(by_function(creators) == kTruth);
    for (const Creator& place : creators.places) CHECK(place.end == CreatorEnd::outermost);
  }
}

TEST_CASE("whatever rung sees a creation, its creator is named") {
  VTLAB_NEEDS_BPF();
  for (const probes::Rung rung : probes::kRungs) {
    CAPTURE(probes::name(rung));
    probes::SessionOptions options;
    options.only = rung;
    options.record_stacks = true;
    bool is_there = false;
    for (const auto& question : Session(options).attached())
      is_there =
          is_there || (question.counter == probes::Counter::wake_new && question.rung == rung);
    if (!is_there) continue;  // not on this kernel, or another question's rung
    // On a preemptible kernel a classic tracepoint is skipped while learning a place, a change of a
    // map, has been preempted on that CPU: bpf_prog_active of kernel/trace/bpf_trace.c.
    std::uint64_t skipped = 0;
    Creators creators = creators_of(built("plain"), options, &skipped);
    for (int again = 0; skipped != 0 && by_function(creators) != kTruth && again < 4; ++again)
      creators = creators_of(built("plain"), options, &skipped);
    CAPTURE(text_of(creators), skipped);
    CHECK(by_function(creators) == kTruth);
  }
}

TEST_CASE("a program without any names is unwound all the same") {
  VTLAB_NEEDS_BPF();
  const Creators creators = creators_of(built("nameless"));
  CAPTURE(text_of(creators));
  CHECK(sum(creators) == kTasks);
  // threads_here and threads_there differ in nothing but one return address.
  for (const std::uint64_t threads : {1009u, 503u}) {
    const auto place = std::find_if(creators.places.begin(), creators.places.end(),
                                    [&](const Creator& p) { return p.threads == threads; });
    REQUIRE(place != creators.places.end());
    CHECK(place->end == CreatorEnd::outermost);
    const auto own = std::count_if(place->frames.begin(), place->frames.end(), [](const auto& f) {
      return f.function.empty() && f.file == built("nameless") && f.address != 0;
    });
    CHECK(own == 4);  // one_thread, its caller, main, _start
  }
}

TEST_CASE(
    "creators that are gone at once are counted, with their reason where they have no stack") {
  VTLAB_NEEDS_BPF();
  constexpr std::uint64_t kRounds = 101;
  probes::SessionOptions options;
  options.record_stacks = true;
  const Creators creators = creators_of(
      [] {
        for (std::uint64_t i = 0; i < kRounds; ++i) {
          const pid_t child = fork();
          if (child == 0) {
            if (fork() == 0) _exit(0);
            _exit(0);
          }
          waitpid(child, nullptr, 0);
        }
        _exit(0);
      },
      options);
  CAPTURE(text_of(creators));
  CHECK(creators.tasks == 2 * kRounds);
  CHECK(sum(creators) == 2 * kRounds);
  for (const Creator& place : creators.places)
    CHECK(place.frames.empty() != place.missing_because.empty());
}

TEST_CASE("stacks that find no room are counted as that") {
  VTLAB_NEEDS_BPF();
  probes::SessionOptions options;
  options.record_stacks = true;
  Session session(options);
  lab::CreatorStacks stacks(session);
  // Nobody takes the stacks meanwhile, so nothing is learned and every creation sends its own.
  constexpr int kMore = 4001;
  std::uint64_t lost = 0;
  const Window window = observe_program(session, [] {
    for (int i = 0; i < kMore; ++i) std::thread([] {}).join();
  });
  lost = window.after.lost_stacks - window.before.lost_stacks;
  CHECK(lost > 0);
  const Creators creators = stacks.end(window.kernel_tasks(), lost);
  CHECK(creators.not_recorded == lost);
  CHECK(creators.tasks == kMore);
  CHECK(sum(creators) == kMore);
}

}  // namespace vtlab::test
