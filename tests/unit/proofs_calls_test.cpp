// What proves the claims about system calls and about limits, and what refutes them.
#include "scenarios/limits.h"
#include "scenarios/scenario.h"
#include "support/catch.h"
#include "support/proof_cases.h"

namespace vtlab::test {
namespace {

result::SystemCall& call(Seen& seen, std::size_t trial, const char* name, std::uint64_t times) {
  auto& calls = seen[trial][0].kernel.details.syscalls.value;
  if (!calls) calls.emplace();
  result::SystemCall row;
  row.call = name;
  row.returned = times;
  calls->rows.push_back(row);
  return calls->rows.back();
}

// A thread that sleeps in its read, in the first trial; in all others one that tries, and waits elsewhere.
void read_in_two_ways(Seen& seen) {
  for (std::size_t trial = 0; trial < seen.size(); ++trial) {
    call(seen, trial, "write", 101);
    if (trial == 0) {
      call(seen, trial, "read", 101).waited_for = "unix stream socket";
      continue;
    }
    call(seen, trial, "read", 101);
    call(seen, trial, "read", 101).error = "EAGAIN";
    call(seen, trial, "epoll_ctl", 101);
    call(seen, trial, "epoll_wait", 7);
  }
}

void end_at(Seen& seen, std::size_t trial, std::uint64_t units, TaskLimit limit,
            std::uint64_t value, std::uint64_t error) {
  auto& reported = seen[trial][0].reported;
  reported[std::string(kUnitsStarted)] = units;
  reported["limit"] = static_cast<std::uint64_t>(limit);
  reported["limit_value"] = value;
  reported["refused_errno"] = error;
}

const ProofCases kCases{
    {"park.same-name", read_in_two_ways, {[](Seen& seen) {
       for (std::size_t trial = 1; trial < seen.size(); ++trial)
         seen[trial][0].kernel.details = seen[0][0].kernel.details;
     }}},
    {"park.not-fewer-syscalls", read_in_two_ways, {[](Seen& seen) {
       for (auto& row : seen[1][0].kernel.details.syscalls.value->rows)
         if (row.call == "read") row.returned = 50;
     }}},
    {"park.vdso",
     [](Seen& seen) {
       call(seen, 0, "clock_gettime", 1009);
       seen[0][0].reported["vdso_calls"] = 1'009'000;
     },
     {[](Seen& seen) { call(seen, 0, "clock_gettime", 1); },
      [](Seen& seen) { call(seen, 0, "clock_gettime", 1'009'000); }}},
    {"gain.threshold",
     [](Seen& seen) {
       make(seen, 1, Action::start_carrier, 2);
       end_at(seen, 0, 498, TaskLimit::ulimit_u, 500, 11);
       end_at(seen, 1, seen[1][0].experiment.params.tasks, TaskLimit::none, 0, 0);
     },
     {[](Seen& seen) { end_at(seen, 0, 498, TaskLimit::unknown, 0, 11); },
      [](Seen& seen) { end_at(seen, 1, 498, TaskLimit::memory, 0, 12); },
      [](Seen& seen) { make(seen, 1, Action::start_virtual_thread, 1); }}},
};

}  // namespace

TEST_CASE("a proof by system calls without records, or with void ones, is not testable") {
  check_that_records_are_needed(
      {"park.same-name", "park.not-fewer-syscalls", "park.vdso"},
      [](result::Details& details) { details.syscalls.value->void_because = "7 were lost"; });
}

TEST_CASE("a control that was not seen, and a limit that was not reached, prove nothing") {
  const prove::Proof& vdso = *prove::select("park.vdso").front().proof;
  Seen seen = plain_runs(vdso);
  call(seen, 0, "read", 1);
  seen[0][0].reported["vdso_calls"] = 1'009'000;
  CHECK(judged(vdso, seen).verdict == Verdict::not_testable_here);

  const prove::Proof& threshold = *prove::select("gain.threshold").front().proof;
  seen = plain_runs(threshold);
  CHECK(judged(threshold, seen).verdict == Verdict::not_testable_here);
  end_at(seen, 0, 40'009, TaskLimit::none, 0, 0);
  end_at(seen, 1, 40'009, TaskLimit::none, 0, 0);
  CHECK(judged(threshold, seen).verdict == Verdict::not_testable_here);
}

}  // namespace vtlab::test
