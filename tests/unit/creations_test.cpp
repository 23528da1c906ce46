// Records of creations: names of flags and errors, percentiles, and what views make of records.
#include <algorithm>
#include <cerrno>
#include <random>
#include <vector>

#include "lab/creations.h"
#include "render/creation_view.h"
#include "result/histogram.h"
#include "scenarios/actions.h"
#include "support/catch.h"

namespace vtlab::test {
namespace {

using probes::Call;
using result::Share;

probes::Creation thread_creation() {
  probes::Creation c;
  c.call = Call::clone3;
  c.flags = 0x10100;
  c.tid = 20;
  c.tgid = 10;
  c.by_tid = 10;
  c.action = static_cast<std::uint32_t>(Action::start_carrier);
  c.unit = 8;
  c.asked_ns = 100;
  c.copied_ns = 130;
  c.forked_ns = 135;
  c.woken_ns = 140;
  c.ran_ns = 190;
  c.sharing.fill(probes::Share::shared);
  c.task = probes::NewTask{0, 9, 0xffff000, 4, 1, 120, 0, 2};
  return c;
}

}  // namespace

TEST_CASE("clone flags are named, the exit signal last, and unknown bits stay numbers") {
  CHECK(lab::flag_names(0, 0) == "");
  CHECK(lab::flag_names(0, 17) == "SIGCHLD");
  CHECK(lab::flag_names(0x4100, 17) == "CLONE_VM|CLONE_VFORK|SIGCHLD");
  CHECK(lab::flag_names(0x200000000, 0) == "CLONE_INTO_CGROUP");
  CHECK(lab::flag_names(0x4000000000000100, 0) == "CLONE_VM|0x4000000000000000");
  CHECK(lab::flag_names(0, 99) == "signal 99");
}

TEST_CASE("errors have the names of errno.h, and a restarted call the kernel's own") {
  CHECK(lab::error_name(EINVAL) == "EINVAL");
  CHECK(lab::error_name(513) == "ERESTARTNOINTR");
  CHECK(lab::error_name(4000) == "errno 4000");
}

TEST_CASE("a record keeps what was seen and says nothing of what was not") {
  const result::Creation made = lab::to_result(thread_creation());
  CHECK(made.action == "start-carrier");
  CHECK(made.unit == 7);
  CHECK(made.asked_by == "clone3");
  CHECK(made.flag_names == "CLONE_VM|CLONE_THREAD");
  CHECK(made.error == "");
  CHECK(made.time_ns[0] == 100);
  CHECK_FALSE(made.time_ns[1].has_value());
  CHECK(made.time_ns[5] == 190);
  CHECK(made.sharing[7] == Share::shared);
  CHECK(made.task->policy == "SCHED_FIFO");

  probes::Creation failed;
  failed.call = Call::fork;
  failed.error = EAGAIN;
  failed.action = 9999;
  const result::Creation none = lab::to_result(failed);
  CHECK(none.action == "unattributed");
  CHECK_FALSE(none.unit.has_value());
  CHECK_FALSE(none.flags.has_value());
  CHECK_FALSE(none.tid.has_value());
  CHECK(none.error == "EAGAIN");
  CHECK_FALSE(none.task.has_value());
}

TEST_CASE("a task without a system call is an io_uring worker, a kernel thread, or unexplained") {
  probes::Creation c = thread_creation();
  c.call = Call::none;
  c.task->flags = 0x10;
  CHECK(lab::to_result(c).asked_by == "io_uring worker");
  c.task->flags = 0x200000;
  CHECK(lab::to_result(c).asked_by == "kernel thread");
  c.task->flags = 0;
  CHECK(lab::to_result(c).asked_by == "no system call seen");
}

TEST_CASE("a histogram's percentiles are exact below 64 and at most 1/32 too high above") {
  result::Histogram small;
  for (std::uint64_t v = 1; v <= 50; ++v) small.record(v);
  CHECK(small.percentile(0.5) == 25);
  CHECK(small.percentile(0.99) == 50);
  CHECK(small.percentile(0.0) == 1);

  std::mt19937_64 random(7);
  for (int round = 0; round < 50; ++round) {
    result::Histogram histogram;
    std::vector<std::uint64_t> values(997);
    for (auto& value : values) {
      value = random() >> (random() % 64);
      histogram.record(value);
    }
    std::sort(values.begin(), values.end());
    for (const auto& [fraction, rank] : {std::pair(0.5, 499u), std::pair(0.99, 988u)}) {
      const std::uint64_t exact = values[rank - 1], said = histogram.percentile(fraction);
      CAPTURE(exact, said);
      CHECK(said >= exact);
      CHECK(said - exact <= exact / 32);
    }
    CHECK(histogram.percentile(1.0) == values.back());
    CHECK(histogram.max() == values.back());
    CHECK(histogram.count() == values.size());
  }
  CHECK(result::Histogram().percentile(0.5) == 0);
}

TEST_CASE("the view sums up by action, call and flags, each stage since the one before") {
  result::Details details;
  CHECK_FALSE(render::has_creations(details));
  result::Creations& made = details.creations.value.emplace();
  probes::Creation c = thread_creation();
  made.records = {lab::to_result(c), lab::to_result(c)};
  c.sharing[1] = probes::Share::own;
  made.records.push_back(lab::to_result(c));
  c.error = EINVAL;
  made.records.push_back(lab::to_result(c));
  REQUIRE(render::has_creations(details));
  const render::CreationView view = render::make_creation_view({"mode", "ebpf", &details});
  REQUIRE(view.paths.size() == 1);
  CHECK(view.paths[0].count == 3);
  REQUIRE(view.paths[0].stages.size() == 5);
  CHECK_FALSE(view.paths[0].stages[0].p50_ns.has_value());
  CHECK(view.paths[0].stages[1].p50_ns == 30);
  CHECK(view.paths[0].stages[4].max_ns == 50);
  CHECK(view.paths[0].whole.p99_ns == 90);
  REQUIRE(view.failures.size() == 1);
  CHECK(view.failures[0].count == 1);
  REQUIRE(view.sharing.size() == 2);
  CHECK(view.sharing[0].count == 2);
  CHECK(view.sharing[1].sharing[1] == Share::own);
}

}  // namespace vtlab::test
