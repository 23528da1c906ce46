#include "lab/creations.h"

#include <linux/sched.h>
#include <unistd.h>

#include <cstring>

#include "scenarios/actions.h"

namespace vtlab::lab {
namespace {

struct FlagName {
  std::uint64_t flag;
  const char* name;
};

// Those of sharing first, as people say them.
constexpr FlagName kFlagNames[] = {{0x00000100, "CLONE_VM"},
                                   {0x00000200, "CLONE_FS"},
                                   {0x00000400, "CLONE_FILES"},
                                   {0x00000800, "CLONE_SIGHAND"},
                                   {0x00010000, "CLONE_THREAD"},
                                   {0x00004000, "CLONE_VFORK"},
                                   {0x00040000, "CLONE_SYSVSEM"},
                                   {0x80000000, "CLONE_IO"},
                                   {0x00008000, "CLONE_PARENT"},
                                   {0x00001000, "CLONE_PIDFD"},
                                   {0x00002000, "CLONE_PTRACE"},
                                   {0x00080000, "CLONE_SETTLS"},
                                   {0x00100000, "CLONE_PARENT_SETTID"},
                                   {0x00200000, "CLONE_CHILD_CLEARTID"},
                                   {0x00400000, "CLONE_DETACHED"},
                                   {0x00800000, "CLONE_UNTRACED"},
                                   {0x01000000, "CLONE_CHILD_SETTID"},
                                   {0x00020000, "CLONE_NEWNS"},
                                   {0x02000000, "CLONE_NEWCGROUP"},
                                   {0x04000000, "CLONE_NEWUTS"},
                                   {0x08000000, "CLONE_NEWIPC"},
                                   {0x10000000, "CLONE_NEWUSER"},
                                   {0x20000000, "CLONE_NEWPID"},
                                   {0x40000000, "CLONE_NEWNET"},
                                   {0x00000080, "CLONE_NEWTIME"},
                                   {0x100000000, "CLONE_CLEAR_SIGHAND"},
                                   {0x200000000, "CLONE_INTO_CGROUP"}};

std::string hex(std::uint64_t value) {
  char text[24];
  snprintf(text, sizeof(text), "0x%llx", static_cast<unsigned long long>(value));
  return text;
}

std::string policy_name(std::uint32_t policy) {
  constexpr const char* kNames[] = {"SCHED_OTHER", "SCHED_FIFO",     "SCHED_RR", "SCHED_BATCH", "",
                                    "SCHED_IDLE",  "SCHED_DEADLINE", "SCHED_EXT"};
  if (policy < std::size(kNames) && *kNames[policy]) return kNames[policy];
  return "policy " + std::to_string(policy);
}

// Who made a task that no system call of ours asked for. PF_… of linux/sched.h; those of user
// workers are new in 5.12 and 6.4: before, such tasks were made by kthreadd, outside every tree.
std::string asked_by(const probes::Creation& c) {
  constexpr std::uint32_t kIoWorker = 0x10, kUserWorker = 0x4000, kKernelThread = 0x200000;
  constexpr const char* kCalls[] = {"", "clone", "clone3", "fork", "vfork"};
  const auto call = static_cast<std::size_t>(c.call);
  if (call != 0 && call < std::size(kCalls)) return kCalls[call];
  const std::uint32_t flags = c.task ? c.task->flags : 0;
  if (flags & kIoWorker) return "io_uring worker";
  if (flags & kKernelThread) return "kernel thread";
  if (flags & kUserWorker) return "kernel's user worker";
  return "no system call seen";
}

}  // namespace

std::string flag_names(std::uint64_t flags, std::uint32_t exit_signal) {
  std::string text;
  const auto add = [&](const std::string& name) { text += (text.empty() ? "" : "|") + name; };
  for (const FlagName& known : kFlagNames) {
    if (!(flags & known.flag)) continue;
    add(known.name);
    flags &= ~known.flag;
  }
  if (flags != 0) add(hex(flags));
  if (exit_signal != 0) {
    const char* name = sigabbrev_np(static_cast<int>(exit_signal));
    add(name ? "SIG" + std::string(name) : "signal " + std::to_string(exit_signal));
  }
  return text;
}

std::string error_name(std::uint32_t error) {
  // include/linux/errno.h: never seen by the program, only by who looks at the system call's end.
  switch (error) {
    case 512:
      return "ERESTARTSYS";
    case 513:
      return "ERESTARTNOINTR";
    case 514:
      return "ERESTARTNOHAND";
    case 516:
      return "ERESTART_RESTARTBLOCK";
    default:
      break;
  }
  const char* name = strerrorname_np(static_cast<int>(error));
  return name ? name : "errno " + std::to_string(error);
}

result::Creation to_result(const probes::Creation& c) {
  result::Creation out;
  out.action = action_key(c.action);
  if (c.unit != 0) out.unit = c.unit - 1;
  out.asked_by = asked_by(c);
  out.flags = c.flags;
  if (c.flags) out.flag_names = flag_names(*c.flags, c.exit_signal);
  if (c.error != 0) out.error = error_name(c.error);
  out.creator = c.by_tid;
  if (c.tid != 0) {
    out.tid = c.tid;
    out.tgid = c.tgid;
  }
  const std::uint64_t times[] = {c.asked_ns,  c.entered_ns, c.copied_ns,
                                 c.forked_ns, c.woken_ns,   c.ran_ns};
  for (std::size_t i = 0; i < std::size(times); ++i) {
    if (times[i] != 0) out.time_ns[i] = times[i];
  }
  for (std::size_t i = 0; i < c.sharing.size(); ++i)
    out.sharing[i] = static_cast<result::Share>(c.sharing[i]);
  if (c.task) {
    const probes::NewTask& task = *c.task;
    out.task =
        result::NewTask{task.parent_tgid,         task.stack, {},
                        policy_name(task.policy), task.nice,  static_cast<std::uint64_t>(task.prio),
                        task.cpus_allowed};
    if (task.stack_pages != 0)
      out.task->kernel_stack_bytes =
          std::uint64_t{task.stack_pages} * static_cast<std::uint64_t>(getpagesize());
  }
  return out;
}

std::vector<result::StageNote> stage_notes(const std::vector<probes::Attached>& questions) {
  using probes::Counter;
  std::vector<result::StageNote> notes;
  const auto add = [&](result::Stage stage, Counter counter, std::optional<bool> function = {}) {
    for (const probes::Attached& question : questions) {
      if (question.counter != counter || !question.rung) continue;
      if (function && *function != probes_function(*question.rung)) continue;
      notes.push_back({std::string(result::kStageKeys[static_cast<std::size_t>(stage)]),
                       std::string(probes::name(*question.rung)), question.hook});
    }
  };
  add(result::Stage::asked, Counter::sys_enter);
  add(result::Stage::kernel_clone, Counter::kernel_clone, true);
  add(result::Stage::copy_process, Counter::copy_process);
  add(result::Stage::sched_process_fork, Counter::kernel_clone, false);
  add(result::Stage::wake_up, Counter::wake_new);
  add(result::Stage::first_run, Counter::switches);
  return notes;
}

}  // namespace vtlab::lab
