// The claims of single runs about the real JVM and the real Go: what holds, and what must refute each.
#include "scenarios/claims/claims.h"
#include "support/catch.h"

namespace vtlab::test {
namespace {

using namespace claims;

// 1009 units on 2 carriers or Ps, all finished, where every new kernel task is counted by its cause.
Evidence made(std::uint64_t tasks, Action by) {
  Evidence e;
  e.params = {.tasks = 1009, .carriers = 2, .seed = 1};
  e.units_done = 1009;
  e.caused.fill(0);
  e.caused[static_cast<std::size_t>(by)] = tasks;
  e.kernel_tasks = tasks;
  return e;
}

// The same, and so many that the runtime made for itself.
Evidence made(std::uint64_t tasks, Action by, std::uint64_t own) {
  Evidence e = made(tasks, by);
  e.caused[static_cast<std::size_t>(Action::start_runtime_thread)] = own;
  *e.kernel_tasks += own;
  return e;
}

Verdict verdict(const Claim& claim, const Evidence& evidence) {
  return judge(claim, evidence).verdict;
}

Evidence unfinished(Evidence e) {
  e.units_done = 1008;
  return e;
}

Evidence one_unexplained(Evidence e) {
  ++*e.kernel_tasks;
  return e;
}

}  // namespace

TEST_CASE("exist.java-platform holds for a named task per thread, whatever else the JVM starts") {
  const Action by = Action::start_platform_thread;
  CHECK(verdict(exist_java_platform, made(1009, by, 0)) == Verdict::holds);
  CHECK(verdict(exist_java_platform, made(1009, by, 7)) == Verdict::holds);
  CHECK(verdict(exist_java_platform, made(1008, by, 7)) == Verdict::refuted);
  CHECK(verdict(exist_java_platform, made(1010, by, 0)) == Verdict::refuted);
  CHECK(verdict(exist_java_platform, one_unexplained(made(1009, by, 0))) == Verdict::refuted);
}

TEST_CASE(
    "exist.java-virtual is refuted by a carrier too many and by threads that the JVM cannot need") {
  const Action by = Action::start_carrier;
  CHECK(verdict(exist_java_virtual, made(2, by, 4)) == Verdict::holds);
  CHECK(verdict(exist_java_virtual, made(3, by, 4)) == Verdict::refuted);
  CHECK(verdict(exist_java_virtual, made(2, by, 1009)) == Verdict::refuted);
  CHECK(verdict(exist_java_virtual, made(1009, by, 4)) == Verdict::refuted);
  CHECK(verdict(exist_java_virtual, one_unexplained(made(2, by, 4))) == Verdict::refuted);
  CHECK(verdict(exist_java_virtual, unfinished(made(2, by, 4))) == Verdict::refuted);
  Evidence more = made(12, by, 4);
  more.spares = 10;  // units wait in calls that hold a carrier
  CHECK(verdict(exist_java_virtual, more) == Verdict::holds);
}

TEST_CASE("exist.goroutine is refuted by an M for each goroutine, and by a task that is no M") {
  const Action by = Action::start_m;
  CHECK(verdict(exist_goroutine, made(0, by)) == Verdict::holds);  // those that it had were enough
  CHECK(verdict(exist_goroutine, made(6, by)) == Verdict::holds);  // 2 Ps
  CHECK(verdict(exist_goroutine, made(7, by)) == Verdict::refuted);
  CHECK(verdict(exist_goroutine, made(1009, by)) == Verdict::refuted);
  CHECK(verdict(exist_goroutine, one_unexplained(made(2, by))) == Verdict::refuted);
  CHECK(verdict(exist_goroutine, unfinished(made(2, by))) == Verdict::refuted);
  Evidence more = made(60, by);
  more.spares = 101;
  CHECK(verdict(exist_goroutine, more) == Verdict::holds);
}

TEST_CASE("tasks of the JVM without their names say nothing about its threads") {
  CHECK(verdict(exist_java_platform, one_unexplained(made(0, Action::none))) ==
        Verdict::not_testable_here);
  CHECK(verdict(exist_java_virtual, one_unexplained(made(0, Action::none))) ==
        Verdict::not_testable_here);
}

}  // namespace vtlab::test
