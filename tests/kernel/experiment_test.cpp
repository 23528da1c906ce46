// Whole experiments by both observers: scenario × mode at prime sizes, exact to the task, and the
// witness bpftrace.
#include <fcntl.h>
#include <signal.h>
#include <sys/utsname.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <sstream>

#include "kernel/observed_program.h"
#include "lab/bpf_observer.h"
#include "lab/ptrace_observer.h"
#include "lab/summarize.h"

namespace vtlab::test {
namespace {

using lab::Observation;

Params matrix_params(std::uint32_t tasks, std::uint32_t carriers = 2,
                     Poller poller = Poller::epoll) {
  return {.tasks = tasks, .carriers = carriers, .delay_ns = 1'000'000, .seed = 7, .poller = poller};
}

lab::Plan one_run(const char* scenario, const char* mode, std::uint32_t tasks,
                  std::uint32_t carriers = 2, Poller poller = Poller::epoll) {
  lab::Request request;
  request.scenario = find_scenario(scenario);
  request.modes = {find_mode(mode)};
  request.params = matrix_params(tasks, carriers, poller);
  return lab::plan(request, lab::Machine{});
}

Observation run(const lab::Plan& plan, lab::Observer& observer) {
  lab::Signals signals;
  const lab::Surroundings around{VTLAB_BINARY_DIR "/vtlab-child", lab::invoking_user(), {}};
  return lab::observe(plan.experiments.front(), observer, signals, around);
}

// On preemptible kernels the kernel skips a run of some programs now and then and says so, which
// voids all claims (docs/decisions/0026). What must hold is what a whole run says.
Observation run_unskipped(const lab::Plan& plan, lab::Observer& observer) {
  Observation seen = run(plan, observer);
  for (int again = 0; seen.kernel.void_because.rfind("the kernel skipped", 0) == 0 && again < 4;
       ++again)
    seen = run(plan, observer);
  return seen;
}

// What the kernel must have made for each mode.
bool as_expected(const Scenario& scenario, const Mode& mode, std::uint64_t seen, const Params& p) {
  if (mode.name == "platform" || mode.name == "fork") return seen == p.tasks;
  const std::uint32_t spare = spares(scenario, mode, p);
  // sysmon, and Ms: at least one; how many more is up to the moment, but not to the number of units.
  if (mode.name == "gmp") return seen >= 2 && seen <= 2 * p.carriers + 3 + spare;
  const std::uint64_t least = mode.name == "green" || mode.name == "event-loop" ? 0 : p.carriers;
  return seen >= least && seen <= least + spare;
}

// What scenarios found out for themselves and must be so whatever happened.
bool says_the_truth(const Scenario& scenario, const Observation& seen) {
  const std::uint64_t tasks = seen.experiment.params.tasks;
  const auto said = [&](const char* key) {
    const auto found = seen.reported.find(key);
    return found == seen.reported.end() ? UINT64_MAX : found->second;
  };
  for (const Reported& number : scenario.reports)
    if (said(number.key.data()) == UINT64_MAX) return false;
  if (scenario.name == "ping-pong") return said("round_trips") == tasks / 2 * 50;
  if (scenario.name == "echo-server") return seen.load && seen.load->requests == tasks * 50;
  if (scenario.name == "lock-convoy") return said("acquisitions") == tasks * 50;
  if (scenario.name == "skynet") return said("units_counted") == tasks;
  if (scenario.name == "yield-storm") return said("yields") == tasks * 100;
  if (scenario.name == "sleepers" || scenario.name == "timer-storm")
    return said("late_p50_ns") <= said("late_p99_ns") && said("late_p99_ns") <= said("late_max_ns");
  if (scenario.name == "lost-updates")
    return said("lost_updates") <= said("updates") &&
           (seen.experiment.mode->name != "green" || said("lost_updates") == 0);
  return true;
}

// ptrace is told of what the tasks that it traces clone; a worker of io_uring is cloned by nobody.
std::uint64_t unseen_by_observer(const Observation& seen) {
  const auto workers = seen.reported.find("io_uring_workers");
  return seen.observer == "ptrace" && workers != seen.reported.end() ? workers->second : 0;
}

// An emulated CPU (tests/vm/init) needs a minute for what others do in a second. The kernel's part is the same
// with fewer units and one number of carriers, and computing has none.
bool is_emulated() {
  return std::getenv("VTLAB_EMULATED") != nullptr;
}

bool linux_is_older_than(int major, int minor) {
  utsname name{};
  uname(&name);
  int is_major = 0, is_minor = 0;
  std::sscanf(name.release, "%d.%d", &is_major, &is_minor);
  return is_major < major || (is_major == major && is_minor < minor);
}

std::uint32_t many() {
  return is_emulated() ? 31 : 211;
}

void check_matrix(lab::Observer& observer, std::uint32_t tasks, std::uint32_t carriers) {
  for (const Scenario* scenario : scenarios()) {
    for (const Mode* mode : modes()) {
      CAPTURE(scenario->name, mode->name, tasks, carriers);
      const Params params = matrix_params(tasks, carriers);
      if (mode->foreign) continue;  // tests/cli/test_foreign.py
      if (!why_not(*scenario, *mode, params).empty() ||
          (is_emulated() && scenario->name == "cpu-bound"))
        continue;
      const lab::Plan plan = one_run(scenario->name.data(), mode->name.data(), tasks, carriers);
      const Observation seen = run_unskipped(plan, observer);
      REQUIRE(seen.ended_because == "");
      CAPTURE(seen.kernel.kernel_tasks.value());
      const std::uint64_t own =
          scenario->makes ? scenario->makes(params, *mode) - unseen_by_observer(seen) : 0;
      CHECK(as_expected(*scenario, *mode, seen.kernel.kernel_tasks.value() - own, params));
      CHECK(says_the_truth(*scenario, seen));
      CHECK(seen.kernel.by_action[0].kernel_tasks == 0);  // nothing is unattributed
      const result::ResultSet results = lab::summarize(plan, {&seen, 1}, lab::read_machine("test"));
      REQUIRE(results.results.size() == 1);
      CHECK_FALSE(results.partial);
      std::uint64_t ledger = 0;
      for (const auto& row : results.results[0].ledger) ledger += row.kernel_tasks;
      CHECK(ledger == results.results[0].kernel_tasks);
      for (const auto& claim : results.results[0].claims) {
        // Wall times are the machine's business; what exists is the claim's.
        if (claim.id.rfind("exist.", 0) != 0 || claim.id == "exist.monitor") continue;
        CAPTURE(claim.id, claim.because);
        CHECK(claim.verdict == result::Verdict::holds);
      }
    }
  }
}

}  // namespace

TEST_CASE("eBPF counts every scenario in every mode exactly, at prime sizes") {
  VTLAB_NEEDS_BPF();
  lab::BpfObserver observer({}, {});
  if (!is_emulated()) check_matrix(observer, 1, 8);
  check_matrix(observer, many(), 2);
}

TEST_CASE("ptrace counts every scenario in every mode exactly, without privileges") {
  lab::PtraceObserver observer;
  if (!is_emulated()) check_matrix(observer, 1, 2);
  check_matrix(observer, many(), 8);
}

TEST_CASE("every classic tracepoint rung gives the same counts as the typed ones") {
  VTLAB_NEEDS_BPF();
  VTLAB_NEEDS(access("/sys/kernel/tracing/events", R_OK) == 0, "tracefs is not mounted");
  lab::BpfObserver observer({}, probes::Rung::tracepoint);
  check_matrix(observer, is_emulated() ? 31 : 97, 1);
}

TEST_CASE("waiting for sockets by io_uring makes no kernel task more than by epoll") {
  VTLAB_NEEDS_BPF();
  std::string refused;
  try {
    find_mode("virtual")->check(matrix_params(1, 1, Poller::io_uring));
  } catch (const std::system_error& error) {
    refused = error.what();
    if (linux_is_older_than(5, 19)) {  // to refuse is then right, and not a test that was left out
      CHECK(refused.find("Linux 5.19 is needed") != std::string::npos);
      return;
    }
  }
  VTLAB_NEEDS(refused.empty(), refused);
  lab::BpfObserver observer({}, {});
  for (const Mode* mode : modes()) {
    if (!mode->has_poller) continue;
    CAPTURE(mode->name);
    const lab::Plan plan = one_run("blocking-io", mode->name.data(), 211, 2, Poller::io_uring);
    const Observation seen = run_unskipped(plan, observer);
    CHECK(seen.ended_because == "");
    CHECK(seen.units.size() == 211);
    for (const lab::UnitFacts& unit : seen.units) CHECK(unit.finished_ns != 0);
    CHECK(as_expected(*find_scenario("blocking-io"), *mode, seen.kernel.kernel_tasks.value(),
                      plan.experiments.front().params));
    CHECK(seen.kernel.by_action[0].kernel_tasks == 0);
  }
}

TEST_CASE("the units of parked-memory are looked at while all of them wait") {
  VTLAB_NEEDS_BPF();
  lab::BpfObserver observer({}, {});
  const Observation threads = run(one_run("parked-memory", "platform", 97), observer);
  REQUIRE(threads.waiting);
  CHECK(threads.waiting->threads == 98);
  const Observation vthreads = run(one_run("parked-memory", "virtual", 97), observer);
  REQUIRE(vthreads.waiting);
  CHECK(vthreads.waiting->threads == 3);
  const Observation processes = run(one_run("parked-memory", "fork", 97), observer);
  REQUIRE(processes.waiting);
  CHECK(processes.waiting->private_bytes_per_process.value_or(0) > 0);
}

TEST_CASE("with 1, 3 and 8 carriers virtual units cost exactly that many kernel tasks") {
  VTLAB_NEEDS_BPF();
  lab::BpfObserver observer({}, {});
  for (const std::uint32_t carriers : {1u, 3u, 8u}) {
    const Observation seen = run(one_run("blocking-io", "virtual", 503, carriers), observer);
    CHECK(seen.kernel.kernel_tasks == carriers);
  }
}

TEST_CASE("blocking-io over pipes and over a file is counted exactly in every mode that can") {
  VTLAB_NEEDS_BPF();
  lab::BpfObserver observer({}, {});
  for (const Over over : {Over::pipe, Over::file}) {
    for (const Mode* mode : modes()) {
      lab::Request request;
      request.scenario = find_scenario("blocking-io");
      request.modes = {mode};
      request.params = matrix_params(97);
      request.params.over = over;
      CAPTURE(mode->name, name(over));
      if (mode->foreign || !why_not(*request.scenario, *mode, request.params).empty()) continue;
      const Observation seen = run_unskipped(lab::plan(request, lab::Machine{}), observer);
      REQUIRE(seen.ended_because == "");
      CHECK(
          as_expected(*request.scenario, *mode, seen.kernel.kernel_tasks.value(), request.params));
      CHECK(lab::evidence_of(seen).units_done == 97);
      CHECK(seen.most_waiting.has_value() == (over == Over::pipe));
    }
  }
}

TEST_CASE(
    "units in a system call that the runtime knows nothing of wait as many as there are threads") {
  VTLAB_NEEDS_BPF();
  lab::BpfObserver observer({}, {});
  for (const char* mode : {"virtual", "gmp", "green"}) {
    const Observation seen = run(one_run("pinned", mode, 31), observer);
    CAPTURE(mode);
    CHECK(seen.most_waiting <= (std::string(mode) == "green" ? 1u : 2u));
  }
}

TEST_CASE("for units that announce a blocking call more carriers and more Ms are started") {
  VTLAB_NEEDS_BPF();
  lab::BpfObserver observer({}, {});
  for (const char* mode : {"virtual", "gmp"}) {
    lab::Plan plan = one_run("blocking-syscall", mode, 31);
    plan.experiments[0].params.delay_ns = 200'000'000;  // long enough to start a third thread
    const Observation seen = run(plan, observer);
    CAPTURE(mode);
    CHECK(seen.most_waiting > 2u);
    const Action starts = std::string(mode) == "gmp" ? Action::start_m : Action::start_carrier;
    CHECK(seen.kernel.by_action[static_cast<std::size_t>(starts)].kernel_tasks > 2);
  }
}

TEST_CASE("green threads lose no update, platform threads do if there is more than one CPU") {
  VTLAB_NEEDS(lab::usable_cpus() > 1, "this machine has one CPU");
  lab::PtraceObserver observer;
  CHECK(run(one_run("lost-updates", "green", 211), observer).reported["lost_updates"] == 0);
  std::uint64_t lost = 0;
  for (int attempt = 0; attempt < 20 && lost == 0; ++attempt)
    lost = run(one_run("lost-updates", "platform", 211), observer).reported["lost_updates"];
  CHECK(lost > 0);
}

TEST_CASE("an independent tracer, bpftrace, counts the same tasks", "[bpftrace]") {
  VTLAB_NEEDS_BPF();
  VTLAB_NEEDS(access("/usr/bin/bpftrace", X_OK) == 0, "bpftrace is not installed");
  VTLAB_NEEDS(access("/sys/kernel/tracing/events", R_OK) == 0, "tracefs is not mounted");
  int output[2];
  REQUIRE(pipe(output) == 0);
  const pid_t tracer = fork();
  if (tracer == 0) {
    dup2(output[1], STDOUT_FILENO);
    // Line-buffered, and it says when it has attached. "comm" and "curtask" are the creator's, whose parent is this
    // program: other tests run theirs meanwhile.
    const std::string script =
        "BEGIN { printf(\"ready\\n\"); } "
        "tracepoint:sched:sched_wakeup_new /comm == \"vtlab-child\" && "
        "((struct task_struct *)curtask)->real_parent->tgid == " +
        std::to_string(getppid()) + "/ { @tasks = count(); }";
    execl("/usr/bin/bpftrace", "bpftrace", "-B", "line", "-e", script.c_str(), nullptr);
    _exit(127);
  }
  close(output[1]);
  std::string said;
  char buffer[256];
  const auto read_more = [&] {
    const ssize_t got = read(output[0], buffer, sizeof(buffer));
    if (got > 0) said.append(buffer, static_cast<std::size_t>(got));
    return got > 0;
  };
  while (said.find("ready") == std::string::npos && read_more()) {
  }
  lab::BpfObserver observer({}, {});
  std::uint64_t ours = 0;
  for (const char* mode : {"platform", "fork", "virtual", "pool", "green"}) {
    const Observation seen = run(one_run("blocking-io", mode, 307), observer);
    ours += seen.kernel.kernel_tasks.value();
  }
  kill(tracer, SIGINT);
  while (read_more()) {
  }
  int status = 0;
  waitpid(tracer, &status, 0);
  close(output[0]);
  CAPTURE(said);
  CHECK(ours == 307 + 307 + 2 + 2);
  CHECK(said.find("@tasks: " + std::to_string(ours)) != std::string::npos);
}

}  // namespace vtlab::test
