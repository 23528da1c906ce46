// What proves the claims about the kernel's path and about sharing, and what refutes them.
#include "scenarios/clone_subsets.h"
#include "scenarios/creation_ways.h"
#include "support/catch.h"
#include "support/creation_records.h"
#include "support/proof_cases.h"

namespace vtlab::test {
namespace {

using result::Creation;
using result::Share;
using result::Stage;

std::vector<Creation>& records(Seen& seen, std::size_t trial = 0) {
  auto& value = seen[trial][0].kernel.details.creations.value;
  if (!value) value.emplace();
  return value->records;
}

// The first record of an action.
Creation& of(Seen& seen, Action action) {
  for (Creation& c : records(seen))
    if (c.action == text(action).key) return c;
  throw std::logic_error("no such record");
}

void note_counts(Seen& seen, std::uint64_t kernel_clone, std::uint64_t others,
                 std::size_t trial = 0) {
  each(seen, trial, [&](auto& run) {
    run.kernel.probes.clear();
    for (const char* counter : {"kernel_clone", "copy_process", "wake_new"}) {
      result::ProbeNote note;
      note.counter = counter;
      note.count = note.counter == "kernel_clone" ? kernel_clone : others;
      run.kernel.probes.push_back(note);
    }
  });
}

// One unit for each way, as on a machine where functions cannot be probed.
void nine_ways(Seen& seen) {
  auto& all = records(seen);
  all = {made(Action::start_platform_thread, "clone3", kThread),
         made(Action::call_fork, "clone", kProcess),
         made(Action::vfork, "vfork", kBorrowsMemory),
         made(Action::posix_spawn, "clone3", kBorrowsMemory),
         made(Action::pthread_create, "clone3", kThread),
         made(Action::raw_clone, "clone", kProcess),
         made(Action::raw_clone3, "clone3", kProcess),
         made(Action::start_musl_program, "clone", kProcess),
         made(Action::musl_thread, "clone", kThread),
         worker(),
         refused(Action::failing_clone, CLONE_SIGHAND, "EINVAL")};
  seen[0][0].reported["io_uring_workers"] = 1;
  note_counts(seen, 9, 10);
}

// And three new Ms of Go, and three new threads of the JVM, of which nobody said what they are for.
void ways_and_runtimes(Seen& seen) {
  nine_ways(seen);
  for (const std::size_t runtime : {1, 2}) {
    const char* const call = runtime == 1 ? "clone" : "clone3";
    for (int i = 0; i < 3; ++i) records(seen, runtime).push_back(made(Action::none, call, kThread));
    note_counts(seen, 3, 3, runtime);
  }
}

void forget(Creation& c, Stage stage) {
  c.time_ns[static_cast<std::size_t>(stage)].reset();
}

void all_subsets(Seen& seen) {
  auto& all = records(seen);
  std::uint64_t tasks = 0;
  for (std::uint32_t i = 0; i < kSubsets; ++i) {
    const std::uint64_t flags = sharing_subset(i);
    if (!is_legal(flags)) {
      all.push_back(refused(Action::raw_clone, flags, "EINVAL"));
      continue;
    }
    ++tasks;
    all.push_back(
        made(Action::raw_clone, "clone",
             {(flags & CLONE_VM) != 0, (flags & CLONE_FILES) != 0, (flags & CLONE_FS) != 0,
              (flags & CLONE_SIGHAND) != 0, (flags & CLONE_THREAD) != 0}));
    all.back().flags = flags;
  }
  make(seen, 0, Action::raw_clone, tasks);
}

// As many tasks as units, all alive at once.
void units_alive(Seen& seen) {
  for (std::size_t trial = 0; trial < 2; ++trial) {
    const std::uint32_t units = seen[trial][0].experiment.params.tasks;
    const Action action = seen[trial][0].experiment.mode->unit_action;
    seen[trial][0].most_waiting = units;
    for (std::uint32_t i = 0; i < units; ++i)
      records(seen, trial).push_back(made(action, "clone3", trial == 0 ? kThread : kProcess));
  }
}

void count_in_all(Seen& seen) {
  for (std::size_t trial = 0; trial < seen.size(); ++trial) {
    auto& run = seen[trial][0];
    const bool per_unit = run.experiment.mode->name == "platform";
    for (const char* counter : {"kernel_clone", "copy_process", "wake_new"}) {
      result::ProbeNote note;
      note.counter = counter;
      note.count = per_unit ? run.experiment.params.tasks : run.experiment.params.carriers;
      run.kernel.probes.push_back(note);
    }
  }
}

const ProofCases kCases{
    {"path.one-road",
     ways_and_runtimes,
     {[](Seen& seen) { forget(of(seen, Action::vfork), Stage::copy_process); },
      [](Seen& seen) { forget(records(seen, 1)[0], Stage::copy_process); },
      [](Seen& seen) { forget(records(seen, 2)[1], Stage::asked); },
      [](Seen& seen) { note_counts(seen, 4, 4, 1); },
      [](Seen& seen) { forget(of(seen, Action::posix_spawn), Stage::wake_up); },
      [](Seen& seen) { forget(of(seen, Action::raw_clone), Stage::sched_process_fork); },
      [](Seen& seen) {
        auto& times = of(seen, Action::call_fork).time_ns;
        std::swap(times[static_cast<std::size_t>(Stage::copy_process)],
                  times[static_cast<std::size_t>(Stage::wake_up)]);
      },
      [](Seen& seen) { note_counts(seen, 9, 11); }}},
    {"path.wrappers", ways_and_runtimes, {[](Seen& seen) {
       of(seen, Action::musl_thread).asked_by = "clone3";
       for (Creation& c : records(seen, 1)) c.asked_by = "clone3";
     }}},
    {"path.clone3",
     nine_ways,
     {[](Seen& seen) { of(seen, Action::raw_clone3).sharing[0] = Share::shared; },
      [](Seen& seen) { forget(of(seen, Action::raw_clone3), Stage::sched_process_fork); },
      [](Seen& seen) { of(seen, Action::raw_clone3).asked_by = "clone"; }}},
    {"path.not-per-unit",
     count_in_all,
     {[](Seen& seen) { seen[1][0].kernel.probes[1].count = 10090; },
      [](Seen& seen) { seen[3][0].kernel.probes[0].count = 8; },
      [](Seen& seen) { seen[6][0].kernel.probes[1].count = 10090; },
      [](Seen& seen) { seen[8][0].kernel.probes[2].count = 10090; },
      // Whoever does not see the platform threads would not see the others.
      [](Seen& seen) { seen[4][0].kernel.probes[2].count = 2; }}},
    {"path.exceptions",
     nine_ways,
     {[](Seen& seen) {
        of(seen, Action::io_uring_worker).time_ns[static_cast<std::size_t>(Stage::asked)] = 1;
      },
      [](Seen& seen) {
        of(seen, Action::io_uring_worker)
            .time_ns[static_cast<std::size_t>(Stage::sched_process_fork)] = 1;
      },
      [](Seen& seen) { records(seen).push_back(worker()); },
      [](Seen& seen) { of(seen, Action::failing_clone).tid = 77; },
      [](Seen& seen) { of(seen, Action::failing_clone).error = "EPERM"; }}},
    {"share.kinds",
     nine_ways,
     {[](Seen& seen) { of(seen, Action::call_fork).sharing[1] = Share::shared; },
      [](Seen& seen) { of(seen, Action::vfork).sharing[0] = Share::own; },
      [](Seen& seen) { of(seen, Action::pthread_create).sharing[4] = Share::own; }}},
    {"share.flags",
     all_subsets,
     {[](Seen& seen) { records(seen)[0].sharing[2] = Share::shared; },
      [](Seen& seen) { records(seen)[1].error = "EPERM"; },
      [](Seen& seen) { records(seen)[8].error = "ENOMEM"; },  // CLONE_SIGHAND alone
      [](Seen& seen) {
        records(seen)[8] = made(Action::raw_clone, "clone", kProcess),
        records(seen)[8].flags = CLONE_SIGHAND;
      },
      [](Seen& seen) { make(seen, 0, Action::raw_clone, 1); }}},
    {"share.own",
     units_alive,
     {[](Seen& seen) {
        records(seen, 1)[5].task->kernel_stack = records(seen, 1)[6].task->kernel_stack;
      },
      [](Seen& seen) { records(seen, 0)[5].tid = records(seen, 0)[6].tid; }}},
    {"share.one-kind",
     units_alive,
     {[](Seen& seen) { forget(records(seen, 1)[3], Stage::copy_process); },
      [](Seen& seen) { records(seen, 0)[3].task->policy.clear(); }}},
};

}  // namespace

TEST_CASE("a proof by records of creations without records, or with void ones, is not testable") {
  check_that_records_are_needed(
      {"path.one-road", "path.wrappers", "path.clone3", "path.exceptions", "share.kinds",
       "share.flags", "share.own", "share.one-kind"},
      [](result::Details& details) { details.creations.value->void_because = "7 were lost"; });
}

TEST_CASE("what a machine refuses to all its programs proves and refutes nothing") {
  const auto verdict = [](const char* id, void (*change)(Seen&)) {
    const prove::Proof& proof = *prove::select(id).front().proof;
    Seen seen = plain_runs(proof);
    if (seen.size() > 1)
      ways_and_runtimes(seen);
    else
      nine_ways(seen);
    change(seen);
    return judged(proof, seen).verdict;
  };
  CHECK(verdict("path.exceptions", [](Seen& seen) {
          seen[0][0].reported["io_uring_workers"] = 0;
        }) == Verdict::not_testable_here);
  CHECK(verdict("path.clone3", [](Seen& seen) {
          of(seen, Action::raw_clone3) = refused(Action::raw_clone3, 0, "ENOSYS");
        }) == Verdict::not_testable_here);
  CHECK(verdict("path.wrappers", [](Seen& seen) {
          of(seen, Action::musl_thread).action = "fork";
          seen[1].clear();
          seen[2].clear();
        }) == Verdict::not_testable_here);
  CHECK(verdict("path.wrappers", [](Seen& seen) {
          of(seen, Action::musl_thread).action = "fork";  // Go is enough to compare glibc with
        }) == Verdict::holds);
  CHECK(verdict("share.kinds", [](Seen& seen) {
          of(seen, Action::vfork).sharing[0] = Share::unknown;
        }) == Verdict::not_testable_here);
  // A call that the kernel began anew because of a signal was no attempt of the program.
  CHECK(verdict("path.one-road", [](Seen& seen) {
          records(seen).push_back(refused(Action::call_fork, 0, "ERESTARTNOINTR"));
        }) == Verdict::holds);
}

}  // namespace vtlab::test
