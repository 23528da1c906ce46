#include "lab/watch.h"

#include <poll.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <memory>
#include <sstream>

#include "lab/choose_observer.h"
#include "lab/error.h"
#include "lab/kernel_timeline.h"
#include "lab/procfs.h"
#include "lab/program.h"
#include "lab/ptrace_observer.h"
#include "lab/runtime_file.h"
#include "scenarios/unit_log.h"

namespace vtlab::lab {
namespace {

constexpr std::uint64_t kSecond = 1'000'000'000u;

// One observation; a local of watch().
class Watch {
 public:
  Watch(const WatchRequest& request, Watcher& watcher, Signals& signals, const WatchTick& tick)
      : request_(request), watcher_(watcher), signals_(signals), tick_(tick) {}

  Watched go(const User& user) {
    if (request_.pid || request_.cgroup) {
      attach();
    } else {
      start(user);
    }
    while (!over()) step();
    seen_.wall_ns = monotonic_ns() - start_ns_;
    seen_.kernel = watcher_.observer->end();
    if (auto& timeline = seen_.kernel.details.timeline.value) {
      to_window(*timeline, start_ns_, start_ns_ + seen_.wall_ns);
      if (timeline->mounts.empty() && timeline->mounts_missing_because.empty())
        timeline->mounts_missing_because = "vtlab does not know the units of this program";
    }
    if (seen_.time_was_over && program_ && !seen_.exit) end_program();
    return std::move(seen_);
  }

 private:
  void attach() {
    if (request_.pid && request_.recording.looks_into_runtimes())
      watcher_.ebpf->look_into(runtime_of_process(*request_.pid));
    watcher_.ebpf->attach(request_.pid ? std::vector{*request_.pid}
                                       : processes_in(*request_.cgroup));
    start_ns_ = monotonic_ns();
    if (request_.pid && !watcher_.ebpf->tree().knows(static_cast<std::uint32_t>(*request_.pid)))
      throw Error(ExitCode::usage, "--pid cannot be '" + std::to_string(*request_.pid) + "'",
                  {"it has ended"});
  }

  void start(const User& user) {
    siginfo_t info{};
    others_children_ = waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT | __WALL) == 0;
    if (watcher_.ebpf && request_.recording.looks_into_runtimes())
      watcher_.ebpf->look_into(runtime_of_program(request_.command.front()));
    program_ = std::make_unique<Program>(request_.command, user);
    watcher_.observer->begin({program_->tgid(), true});
    start_ns_ = monotonic_ns();
    const int error = program_->open_gate();
    if (error == 0) return;
    // As a shell says it (env(1)): 127 not found, 126 found but not executable.
    throw Error(static_cast<ExitCode>(error == ENOENT ? 127 : 126),
                "cannot execute " + request_.command.front(), {std::strerror(error)});
  }

  bool over() {
    if (tree_ended_) return true;
    if (request_.for_ns && monotonic_ns() - start_ns_ >= request_.for_ns) {
      seen_.time_was_over = true;
      if (!request_.cgroup)  // which has no end of its own
        seen_.partial_because = "the time of --for was over before the tree had ended";
      return true;
    }
    if (interrupted_ && !request_.cgroup)
      seen_.partial_because = "interrupted before the tree had ended";
    return interrupted_;
  }

  // Sleeps until a signal comes or the observer is in a hurry, 10 ms at most: most of what is in its
  // rings wakes nobody.
  void step() {
    pollfd wanted[] = {{signals_.fd(), POLLIN, 0}, {watcher_.observer->hurry_fd(), POLLIN, 0}};
    poll(wanted, 2, 10);
    take_signals();
    if (program_)
      take_waits();
    else if (request_.cgroup)
      tree_ended_ = access(request_.cgroup->folder.c_str(), F_OK) != 0;
    else
      // Nothing more happens in a tree that has ended: what service() then takes is the last of it.
      tree_ended_ = watcher_.ebpf->tree_has_ended();
    watcher_.observer->service();
    if (tick_) tick_(monotonic_ns() - start_ns_);
  }

  // Ctrl-C goes to the whole foreground, so the program has it too and decides what it means; what
  // somebody sent to vtlab alone is passed on. The second one is for vtlab.
  void take_signals() {
    signalfd_siginfo info{};
    while (read(signals_.fd(), &info, sizeof(info)) == sizeof(info)) {
      if (info.ssi_signo == SIGCHLD) continue;
      if (!program_ || seen_.exit || asked_before_) interrupted_ = true;
      asked_before_ = true;
      const bool from_a_process = info.ssi_code <= 0;  // sigaction(2): SI_USER, SI_QUEUE, SI_TKILL
      if (!interrupted_ && from_a_process) kill(program_->tgid(), static_cast<int>(info.ssi_signo));
    }
  }

  void take_waits() {
    int status = 0;
    pid_t tid;
    while ((tid = waitpid(-1, &status, __WALL | WNOHANG)) > 0) {
      const bool ended = WIFEXITED(status) || WIFSIGNALED(status);
      if (ended && tid == program_->tgid()) note_exit(status);
      watcher_.observer->on_wait(tid, status);
    }
    tree_ended_ = tid < 0 && errno == ECHILD;
    // A shell that had started something before it became vtlab (exec) left us that as a child.
    if (others_children_ && watcher_.ebpf && seen_.exit)
      tree_ended_ = watcher_.ebpf->tree_has_ended();
  }

  void note_exit(int status) {
    seen_.exit.emplace();
    if (WIFSIGNALED(status))
      seen_.exit->signal = WTERMSIG(status);
    else
      seen_.exit->code = WEXITSTATUS(status);
  }

  // SIGTERM, as timeout(1) does, and SIGKILL if that does not help within two seconds.
  void end_program() {
    const std::uint64_t begun = monotonic_ns();
    kill(program_->tgid(), SIGTERM);
    for (bool killed = false; !seen_.exit;) {
      pollfd signal{signals_.fd(), POLLIN, 0};
      poll(&signal, 1, 10);
      take_signals();
      take_waits();
      if (seen_.exit || killed || monotonic_ns() - begun < 2 * kSecond) continue;
      kill(program_->tgid(), SIGKILL);
      killed = true;
    }
  }

  const WatchRequest& request_;
  Watcher& watcher_;
  Signals& signals_;
  const WatchTick& tick_;
  std::unique_ptr<Program> program_;  // null: attached
  std::uint64_t start_ns_ = 0;
  bool others_children_ = false, tree_ended_ = false, interrupted_ = false, asked_before_ = false;
  Watched seen_;
};

}  // namespace

Watcher choose_watcher(const WatchRequest& request, const std::string& with_root) {
  NoEbpf no;
  if (request.observer != ObserverChoice::ptrace) {
    auto make = [&] {
      return std::make_unique<TreeObserver>(request.recording, request.rung,
                                            request.cgroup ? &*request.cgroup : nullptr);
    };
    if (auto observer = try_ebpf(make, no)) {
      TreeObserver* ebpf = observer.get();
      return {std::move(observer), ebpf, {}};
    }
  }
  const std::string type = no.root_would_help ? with_root : "vtlab doctor";
  if (request.pid || request.cgroup) {
    std::vector<std::string> why;
    for (const std::string& because : no.because) why.push_back("eBPF: " + because);
    why.emplace_back("ptrace stops a running program to attach, so vtlab does not");
    throw Error(ExitCode::machine_cannot, "cannot observe a running process without eBPF", why,
                {type});
  }
  if (request.observer == ObserverChoice::ebpf || request.rung)
    throw Error(ExitCode::machine_cannot, "cannot observe with eBPF", no.because, {type});
  return {std::make_unique<PtraceObserver>(), nullptr, ptrace_notes(no, with_root)};
}

pid_t process_to_attach(const std::string& word, std::vector<std::string>& notes) {
  const auto refuse = [&](const std::string& why) {
    return Error(ExitCode::usage, "--pid cannot be '" + word + "'", {why});
  };
  char* end = nullptr;
  const unsigned long value = std::strtoul(word.c_str(), &end, 10);
  if (word.empty() || *end != '\0' || !std::isdigit(static_cast<unsigned char>(word[0])) ||
      value == 0 || value > INT32_MAX)
    throw refuse("the number of a process, such as 1234");
  const auto pid = static_cast<pid_t>(value);
  const auto tgid = static_cast<pid_t>(read_status(pid).tgid);
  if (tgid == 0) throw refuse("there is no such process");
  if (tgid == getpid()) throw refuse("that is vtlab itself");
  if (tgid != pid)
    notes.push_back(word + " is a thread of process " + std::to_string(tgid) +
                    ": all of that process is observed.");
  // Field 9 of stat: the task's flags; the name before it may hold anything.
  std::ifstream in("/proc/" + std::to_string(tgid) + "/stat");
  std::string text;
  std::getline(in, text);
  std::istringstream rest(text.substr(std::min(text.size(), text.rfind(')') + 1)));
  std::string skip, state;
  rest >> state;
  for (int field = 4; field < 9; ++field) rest >> skip;
  unsigned long flags = 0;
  rest >> flags;
  constexpr unsigned long kKernelThread = 0x00200000;  // PF_KTHREAD, include/linux/sched.h
  if (flags & kKernelThread) throw refuse("that is a kernel thread, not a program");
  return tgid;
}

Watched watch(const WatchRequest& request, Watcher& watcher, Signals& signals, const User& user,
              const WatchTick& tick) {
  return Watch(request, watcher, signals, tick).go(user);
}

}  // namespace vtlab::lab
