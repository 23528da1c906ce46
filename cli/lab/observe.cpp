#include "lab/observe.h"

#include <poll.h>
#include <sys/wait.h>

#include <algorithm>
#include <cerrno>
#include <sstream>

#include "lab/child.h"
#include "lab/error.h"
#include "lab/foreign/causes.h"
#include "lab/foreign/priorities.h"
#include "lab/foreign/start.h"
#include "lab/load_client.h"
#include "lab/own_units.h"
#include "lab/server.h"
#include "lab/shared_memory.h"
#include "scenarios/child_protocol.h"
#include "scenarios/unit_log.h"

namespace vtlab::lab {
namespace {

namespace protocol = child_protocol;

// Each thread is asked for its own, so not where nobody wants to know.
bool shows_nice_values(const Scenario& scenario) {
  return std::any_of(scenario.reports.begin(), scenario.reports.end(),
                     [](const auto& number) { return number.key.starts_with("nice_"); });
}

// One run from start to end; a local of observe().
class Run {
 public:
  Run(const Experiment& experiment, Observer& observer, Signals& signals,
      const Surroundings& around)
      : experiment_(experiment),
        observer_(observer),
        signals_(signals),
        around_(around),
        log_memory_("vtlab-units", UnitLog::bytes(experiment.params.tasks)),
        log_(log_memory_.data(), experiment.params.tasks) {}

  Observation go() {
    seen_.experiment = experiment_;
    seen_.observer = observer_.name();
    seen_.why_no_switches = observer_.why_no_switches();
    start();
    if (!wait_for(protocol::kReady)) return gave_up();
    open_window();
    wait_for(protocol::kDone);
    close_window();
    return std::move(seen_);
  }

 private:
  void start() {
    const Params& p = experiment_.params;
    const Scenario& scenario = *experiment_.scenario;
    const HandOver hand_over = experiment_.foreign ? HandOver::tcp : HandOver::descriptors;
    if (scenario.needs_server && p.over != Over::file)
      peer_ = std::make_unique<DelayServer>(
          p.tasks, waiting_at_once(scenario, *experiment_.mode, p), p.delay_ns, p.over, hand_over);
    if (scenario.requests_per_client)
      peer_ = std::make_unique<LoadClient>(p.tasks, scenario.requests_per_client, hand_over);
    usage_before_ = read_children_usage();
    ChildSetup setup;
    setup.program = around_.child_program;
    setup.user = around_.user;
    if (experiment_.foreign) {
      const std::vector<std::string>& command = experiment_.foreign->command;
      setup.program = setup.name = command.front();
      setup.arguments.assign(command.begin() + 1, command.end());
    }
    setup.arguments.insert(
        setup.arguments.end(),
        {std::string(scenario.name), std::string(name_without_version(*experiment_.mode)),
         std::to_string(observer_.slots())});
    for (std::string& word : to_words(p)) setup.arguments.push_back(std::move(word));
    setup.unit_log_fd = log_memory_.fd();
    setup.slots_fd = observer_.slots_fd();
    if (peer_) setup.connections_fd = peer_->hand_over_fd();
    child_ = std::make_unique<Child>(setup);
    if (peer_) peer_->close_child_end();
    seen_.main_tid = child_->tgid();
    deadline_ns_ = monotonic_ns() + experiment_.timeout_ns;
  }

  void open_window() {
    reset_most_resident(child_->tgid());
    seen_.at_gate = read_status(child_->tgid());
    cpu_before_ = cpu_ns(child_->tgid());
    if (experiment_.foreign)
      tasks_at_gate_ = names_of_threads(static_cast<std::uint32_t>(child_->tgid()));
    observer_.begin({child_->tgid(), !experiment_.foreign});
    window_open_ = true;
    clocks_before_ = read_machine_clocks();
    seen_.start_ns = monotonic_ns();
    child_->open_gate();
    if (peer_) peer_->begin();
  }

  void close_window() {
    if (seen_.end_ns == 0) seen_.end_ns = monotonic_ns();
    seen_.at_end = read_status(child_->tgid());
    const auto cpu_after = cpu_ns(child_->tgid());
    if (cpu_before_ && cpu_after) seen_.cpu_ns = *cpu_after - *cpu_before_;
    seen_.conditions = between(clocks_before_, read_machine_clocks(), seen_.cpu_ns);
    seen_.kernel = observer_.end();
    if (experiment_.foreign) {
      attribute(seen_.kernel, *experiment_.mode->foreign);
      auto& names = seen_.kernel.details.task_names.value;
      names = by_name(tasks_at_gate_, seen_.kernel);
      names->runtime = experiment_.foreign->runtime;
    }
    if (peer_) {
      seen_.most_waiting = peer_->most_waiting();
      seen_.load = peer_->load();
      if (seen_.load) seen_.reported["requests"] = seen_.load->requests;
    }
    window_open_ = false;
    for (const UnitRecord& unit : log_.records())
      seen_.units.push_back(
          {unit.asked_ns, unit.finished_ns, unit.first_tid, unit.last_tid, unit.error});
    if (seen_.ending == Ending::done) {
      child_->open_gate();
      // What a runtime knows of itself is told now; asking another one may make tasks.
      while (!child_->exited() && monotonic_ns() < deadline_ns_) take_what_came_until("");
      take_what_came_until("");
      if (const auto timers = seen_.reported.find("pool_timers"); timers != seen_.reported.end())
        tell_timers_from_carriers(seen_.kernel, timers->second);
    }
    child_.reset();  // kills what is left
    if (auto& timeline = seen_.kernel.details.timeline.value) add_units(*timeline, seen_);
    const ChildrenUsage usage = read_children_usage();
    seen_.conditions.major_faults = usage.major_faults - usage_before_.major_faults;
    seen_.conditions.preempted = usage.preempted - usage_before_.preempted;
  }

  // It never got to the gate: nothing was measured.
  Observation gave_up() {
    if (seen_.ending != Ending::interrupted)
      throw Error(ExitCode::machine_cannot,
                  "cannot set up " + std::string(experiment_.scenario->name) + " in mode '" +
                      std::string(experiment_.mode->name) + "'",
                  reasons());
    child_.reset();
    seen_.units.resize(experiment_.params.tasks);
    return std::move(seen_);
  }

  std::vector<std::string> reasons() const {
    std::vector<std::string> all{seen_.ended_because};
    if (peer_ && !peer_->problem().empty()) all.push_back(peer_->problem());
    return all;
  }

  // True once the program wrote the line; false, with seen_.ending set, if it will not.
  bool wait_for(const char* line) {
    for (;;) {
      if (take_what_came_until(line)) return true;
      if (seen_.ending != Ending::done) return false;
      if (child_->exited()) return end(Ending::crashed, "the workload " + child_->how_it_ended());
      if (signals_.asked_to_stop()) return end(Ending::interrupted, "interrupted");
      if (monotonic_ns() >= deadline_ns_)
        return end(Ending::timed_out,
                   "no end after " + std::to_string(experiment_.timeout_ns / 1'000'000'000u) +
                       " s; " + std::to_string(log_.finished_count()) + " of " +
                       std::to_string(experiment_.params.tasks) + " units finished");
      if (around_.progress)
        around_.progress(experiment_, log_.finished_count(),
                         seen_.start_ns ? monotonic_ns() - seen_.start_ns : 0);
    }
  }

  bool end(Ending ending, std::string because) {
    seen_.ending = ending;
    seen_.ended_because = std::move(because);
    return false;
  }

  bool take_what_came_until(const char* line) {
    take_what_came(peer_ && !seen_.waiting ? peer_->full_fd() : -1);
    bool reached = false;
    for (const std::string& text : child_->read_lines()) {
      if (take_event(text)) continue;
      std::istringstream words(text);
      std::string word, key;
      words >> word;
      if (word == line) reached = true;
      if (word == protocol::kWindow) words >> seen_.start_ns >> seen_.end_ns;
      if (word == protocol::kMetric && words >> key) words >> seen_.reported[key];
      if (word == protocol::kWaiting) {
        look_while_units_wait();
        child_->open_gate();
      }
      if (word == protocol::kError)
        end(Ending::failed,
            text == word ? "the workload did not say why" : text.substr(word.size() + 1));
    }
    return reached;
  }

  // There may be millions of these.
  bool take_event(std::string_view line) {
    constexpr std::string_view kEvent = protocol::kEvent, kUnit = protocol::kUnit;
    if (line.starts_with(kEvent)) {
      if (const auto event = read_event(line.substr(kEvent.size()))) seen_.events.push_back(*event);
      return true;
    }
    if (!line.starts_with(kUnit)) return false;
    std::istringstream words{std::string(line.substr(kUnit.size()))};
    std::uint64_t number = 0, id = 0;
    if (words >> number >> id && number < experiment_.params.tasks) {
      seen_.unit_ids.resize(experiment_.params.tasks);
      seen_.unit_ids[number] = id;
    }
    return true;
  }

  // Sleeps until the program, a signal or the server has something to say, 10 ms at most: the
  // observer's ring must be emptied, and its programs wake nobody.
  void take_what_came(int full_fd) {
    pollfd fds[] = {
        {child_->report_fd(), POLLIN, 0}, {signals_.fd(), POLLIN, 0}, {full_fd, POLLIN, 0}};
    poll(fds, std::size(fds), 10);
    if (full_fd >= 0 && (fds[2].revents & POLLIN)) look_while_units_wait();
    signals_.asked_to_stop();  // takes SIGCHLD too, before the wait that it announces
    int status = 0;
    for (pid_t tid; (tid = waitpid(-child_->tgid(), &status, __WALL | WNOHANG)) > 0;) {
      if (tid == child_->tgid() && (WIFEXITED(status) || WIFSIGNALED(status)))
        child_->note_exit(status);
      else
        observer_.on_wait(tid, status);
    }
    if (window_open_) observer_.service();
  }

  void look_while_units_wait() {
    constexpr std::size_t kMost = 32;
    WaitingFacts facts;
    facts.threads = read_status(child_->tgid()).threads;
    if (experiment_.mode->foreign == Language::java && shows_nice_values(*experiment_.scenario))
      seen_.looked_up = nice_by_priority(child_->tgid());
    std::uint64_t processes = 0, private_sum = 0, reserved_sum = 0;
    const std::size_t step = 1 + log_.records().size() / kMost;
    for (std::size_t i = 0; i < log_.records().size(); i += step) {
      const auto tid = static_cast<pid_t>(log_.records()[i].first_tid.load());
      if (tid == 0) continue;
      const ProcStatus status = read_status(tid);
      if (status.tgid != static_cast<std::uint64_t>(tid) || tid == child_->tgid()) continue;
      const auto bytes = private_bytes(tid);
      if (!bytes) continue;
      ++processes;
      private_sum += *bytes;
      reserved_sum += status.reserved;
    }
    if (processes > 0) {
      facts.private_bytes_per_process = private_sum / processes;
      facts.reserved_bytes_per_process = reserved_sum / processes;
    }
    seen_.waiting = facts;
  }

  const Experiment& experiment_;
  Observer& observer_;
  Signals& signals_;
  const Surroundings& around_;
  SharedMemory log_memory_;
  UnitLog log_;
  std::unique_ptr<Peer> peer_;
  std::unique_ptr<Child> child_;  // after peer_: goes first, so that no unit sees its peer leave
  std::map<std::string, std::uint64_t> tasks_at_gate_;  // of another runtime, by name
  std::uint64_t deadline_ns_ = 0;
  bool window_open_ = false;
  std::optional<std::uint64_t> cpu_before_;
  MachineClocks clocks_before_;
  ChildrenUsage usage_before_;
  Observation seen_;
};

}  // namespace

Observation observe(const Experiment& experiment, Observer& observer, Signals& signals,
                    const Surroundings& surroundings) {
  return Run(experiment, observer, signals, surroundings).go();
}

}  // namespace vtlab::lab
