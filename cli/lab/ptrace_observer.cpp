#include "lab/ptrace_observer.h"

#include <linux/kcmp.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>

#include "lab/error.h"
#include "lab/machine.h"
#include "lab/procfs.h"
#include "scenarios/actions.h"

namespace vtlab::lab {
namespace {

constexpr int kForkEvent = 0, kVforkEvent = 1, kCloneEvent = 2;

// ptrace(2) takes numbers through pointer parameters.
void* as_pointer(long value) {
  return reinterpret_cast<void*>(value);
}

std::uint32_t pid_max() {
  const std::uint64_t value = first_number_of("/proc/sys/kernel/pid_max");
  return static_cast<std::uint32_t>(value ? value : 4u << 20) + 1;
}

// kcmp(2): 0 if both tasks use the same mm_struct; negative if the kernel was built without it.
std::optional<bool> same_mm(pid_t a, pid_t b) {
  const long order = syscall(SYS_kcmp, a, b, KCMP_VM, 0, 0);
  if (order < 0) return std::nullopt;
  return order == 0;
}

// strace -f and debuggers that follow forks have our child before we do.
std::string why_refused(pid_t child) {
  const std::uint64_t tracer = read_status(child).tracer;
  if (tracer == 0) return "a container's seccomp filter or kernel.yama.ptrace_scope forbids it";
  return "process " + std::to_string(tracer) +
         " (strace, a debugger) traces it already, and a task "
         "has one tracer at most";
}

}  // namespace

PtraceObserver::PtraceObserver()
    : slot_count_(pid_max()), slots_("vtlab-slots", slot_count_ * sizeof(ActionSlot)) {}

void PtraceObserver::begin(const AtGate& program) {
  tgid_ = program.tgid;
  open_ = true;
  tasks_.clear();
  seize(program.tgid);
  // Those that a traced task makes are traced from birth; so it is done when all that there are were ours before.
  for (bool more = !program.alone; more;) {
    more = false;
    for (const std::uint32_t tid : threads_of(static_cast<std::uint32_t>(program.tgid)))
      if (!tasks_.count(static_cast<pid_t>(tid))) more |= seize(static_cast<pid_t>(tid));
  }
  view_ = KernelView{};
  view_.kernel_tasks = 0;
  view_.exits = 0;
  view_.by_action.assign(kActionCount, {0, 0});
  view_.peak_alive = alive_ = tasks_.size();
  std::fill(std::begin(by_event_), std::end(by_event_), 0);
}

// False if it has ended, or a traced task has just made it.
bool PtraceObserver::seize(pid_t tid) {
  // EXITKILL: nothing that we trace outlives us.
  const long options = PTRACE_O_TRACECLONE | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK |
                       PTRACE_O_TRACEEXEC | PTRACE_O_EXITKILL;
  if (ptrace(PTRACE_SEIZE, tid, nullptr, as_pointer(options)) == 0) {
    tasks_[tid] = Task::running;
    return true;
  }
  const int error = errno;
  if (error == ESRCH || read_status(tid).tracer == static_cast<std::uint64_t>(getpid()))
    return false;
  const std::string refused = std::string("ptrace of our own child: ") + std::strerror(error);
  throw Error(ExitCode::machine_cannot, "cannot observe with ptrace", {refused, why_refused(tid)},
              {"sudo vtlab … --observer ebpf"});
}

void PtraceObserver::created(pid_t creator, pid_t child) {
  ++*view_.kernel_tasks;
  view_.peak_alive = std::max(*view_.peak_alive, ++alive_);
  const auto* slots = static_cast<const ActionSlot*>(slots_.data());
  const std::uint64_t word = slots[creator].word.load(std::memory_order_relaxed);
  const auto action = std::min<std::uint64_t>(word & UINT32_MAX, kActionCount - 1);
  KernelView::Row& row = view_.by_action[word == 0 ? 0 : action];
  ++row.kernel_tasks;
  const auto shares = same_mm(creator, child);
  if (!shares) row.sharing_mm.reset();
  if (shares && row.sharing_mm) *row.sharing_mm += *shares;
}

void PtraceObserver::ended(pid_t tid) {
  if (tasks_.erase(tid) == 0) return;  // a child that somebody left us, no task of the tree
  --alive_;
  ++*view_.exits;
}

void PtraceObserver::go_on(pid_t tid, int signal) {
  ptrace(PTRACE_CONT, tid, nullptr, as_pointer(signal));  // ESRCH: killed meanwhile
}

void PtraceObserver::on_wait(pid_t tid, int status) {
  if (WIFEXITED(status) || WIFSIGNALED(status)) {
    ended(tid);
    return;
  }
  if (!WIFSTOPPED(status)) return;
  const int signal = WSTOPSIG(status), event = status >> 16;
  if (event == PTRACE_EVENT_CLONE || event == PTRACE_EVENT_FORK || event == PTRACE_EVENT_VFORK) {
    unsigned long message = 0;
    ptrace(PTRACE_GETEVENTMSG, tid, nullptr, &message);
    const auto child = static_cast<pid_t>(message);
    ++by_event_[event == PTRACE_EVENT_FORK    ? kForkEvent
                : event == PTRACE_EVENT_VFORK ? kVforkEvent
                                              : kCloneEvent];
    created(tid, child);
    const auto [task, is_new] = tasks_.try_emplace(child, Task::announced);
    if (!is_new) {
      task->second = Task::running;
      go_on(child);
    }
    go_on(tid);
  } else if (event == PTRACE_EVENT_EXEC) {
    // A thread that calls exec takes the id of the first one, of whose end nobody is told (ptrace(2)).
    unsigned long former = 0;
    ptrace(PTRACE_GETEVENTMSG, tid, nullptr, &former);
    if (static_cast<pid_t>(former) != tid) ended(static_cast<pid_t>(former));
    go_on(tid);
  } else if (event == PTRACE_EVENT_STOP && signal == SIGTRAP) {
    // A new task's first stop, or the end of a group stop.
    const auto [task, is_new] = tasks_.try_emplace(tid, Task::held);
    if (is_new) return;
    task->second = Task::running;
    go_on(tid);
  } else if (event == PTRACE_EVENT_STOP) {
    ptrace(PTRACE_LISTEN, tid, nullptr, nullptr);  // a group stop: stay stopped
  } else {
    go_on(tid, signal);
  }
}

KernelView PtraceObserver::end() {
  open_ = false;
  constexpr const char* kHooks[] = {"PTRACE_EVENT_FORK", "PTRACE_EVENT_VFORK",
                                    "PTRACE_EVENT_CLONE"};
  for (int event = 0; event < 3; ++event) {
    result::ProbeNote note;
    note.counter = event == kForkEvent    ? "ptrace_fork"
                   : event == kVforkEvent ? "ptrace_vfork"
                                          : "ptrace_clone";
    note.question = "which task was made, by whom";
    note.rung = "ptrace";
    note.hook = kHooks[event];
    note.meaning = "one new task, reported by the kernel in its creator";
    note.count = by_event_[event];
    view_.probes.push_back(std::move(note));
  }
  return view_;
}

}  // namespace vtlab::lab
