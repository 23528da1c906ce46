#include "lab/runtime_functions.h"

namespace vtlab::lab {
namespace {

// go.dev/src/runtime/proc.go and os_linux.go. newm1 is where newosproc and cgo's pthread_create part.
// Words of a call: the goroutine that runs, and the first three arguments. Those of execute, ready and gdestroy
// are about their first argument, and run on a stack of the M.
const RuntimeQuestion kGo[] = {
    {.key = "units_made",
     .title = "goroutines made",
     .function = "runtime.newproc1",
     .names = {"runtime.newproc1"}},
    {.key = "units_ended",
     .title = "goroutines ended",
     .function = "runtime.gdestroy",
     .names = {"runtime.gdestroy", "runtime.goexit0"},
     .step = GoStep::ended,
     .g_word = 1},
    {.key = "os_threads",
     .title = "OS threads made (Ms)",
     .function = "runtime.newm1",
     .names = {"runtime.newm1", "runtime.newosproc"},
     .seldom = true},
    {.key = "mounts",
     .title = "an M took a goroutine (execute)",
     .function = "runtime.execute",
     .names = {"runtime.execute"},
     .step = GoStep::mount,
     .g_word = 1},
    {.key = "parks",  // func gopark(unlockf, lock, reason, …)
     .title = "a goroutine parked (gopark)",
     .function = "runtime.gopark",
     .names = {"runtime.gopark"},
     .reason_word = 3,
     .step = GoStep::park},
    {.key = "readied",
     .title = "another one made it ready (ready)",
     .function = "runtime.ready",
     .names = {"runtime.ready"},
     .step = GoStep::ready,
     .g_word = 1},
    {.key = "calls_entered",
     .title = "system calls that may block (entersyscall)",
     .function = "runtime.entersyscall",
     .names = {"runtime.entersyscall"},
     .step = GoStep::call},
    {.key = "calls_left",
     .title = "of them, came back (exitsyscall)",
     .function = "runtime.exitsyscall",
     .names = {"runtime.exitsyscall"},
     .step = GoStep::call_over,
     .only_for_timeline = true},
    {.key = "handoffs",
     .title = "a P was taken from its M (handoffp)",
     .function = "runtime.handoffp",
     .names = {"runtime.handoffp"}},
};

constexpr std::array<std::string_view, 2> kThreadIdAndState = {
    "_ZN16java_lang_Thread11_tid_offsetE", "_ZN23java_lang_VirtualThread13_state_offsetE"};

// hotspot/share/runtime/continuationFreezeThaw.cpp, javaThread.cpp, os.hpp, share/prims/jvm.cpp.
const RuntimeQuestion kJvm[] = {
    {.key = "units_made",
     .title = "virtual threads started",
     .nobody_because = "the JVM passes no function of its own for each: compiled code starts them"},
    {.key = "os_threads",
     .title = "OS threads made (os::create_thread)",
     .function = "os::create_thread",
     .names = {"_ZN2os13create_threadE*"},
     .seldom = true},
    {.key = "platform_threads",
     .title = "platform threads started",
     .function = "JVM_StartThread",
     .names = {"JVM_StartThread"}},
    {.key = "unmounts",
     .title = "a virtual thread left its carrier (freeze)",
     .function = "freeze<Config<…>>",
     .names = {"_Z6freezeI6Config*", "_ZL6freezeI6Config*"},
     .jvm_step = JvmStep::freeze},
    {.key = "thaws",
     .function = "thaw<Config<…>>",
     .names = {"_Z4thawI6Config*", "_ZL4thawI6Config*"},
     .jvm_step = JvmStep::thaw,
     .only_for_timeline = true},
    {.key = "told_mounts",
     .function = "JVM_VirtualThreadMount",
     .names = {"JVM_VirtualThreadMount"},
     .jvm_step = JvmStep::mount,
     .fields = kThreadIdAndState,
     .only_for_timeline = true},
    {.key = "told_unmounts",
     .function = "JVM_VirtualThreadUnmount",
     .names = {"JVM_VirtualThreadUnmount"},
     .jvm_step = JvmStep::unmount,
     .fields = kThreadIdAndState,
     .only_for_timeline = true},
    {.key = "told_ends",
     .function = "JVM_VirtualThreadEnd",
     .names = {"JVM_VirtualThreadEnd"},
     .jvm_step = JvmStep::ended,
     .fields = kThreadIdAndState,
     .only_for_timeline = true},
    {.key = "monitor_unmounts",
     .title = "it left it at a monitor (freeze_preempt)",
     .function = "Config<…>::freeze_preempt",
     .names = {"_ZN6ConfigI*14freeze_preempt*"}},
    {.key = "pins",
     .title = "it was pinned and kept its carrier",
     .function = "JavaThread::set_last_freeze_fail_result",
     .names = {"_ZN10JavaThread27set_last_freeze_fail_resultE*"},
     .jvm_step = JvmStep::pinned},
};

}  // namespace

std::span<const RuntimeQuestion> questions_of(RuntimeKind kind) {
  return kind == RuntimeKind::go ? std::span<const RuntimeQuestion>(kGo)
                                 : std::span<const RuntimeQuestion>(kJvm);
}

probes::Abi abi_of(RuntimeKind kind) {
  return kind == RuntimeKind::go ? probes::Abi::go : probes::Abi::c;
}

}  // namespace vtlab::lab
