#include "lab/runtime_functions.h"

namespace vtlab::lab {
namespace {

// go.dev/src/runtime/proc.go and os_linux.go. newm1 is where newosproc and cgo's pthread_create part.
const RuntimeQuestion kGo[] = {
    {"units_made", "goroutines made", "runtime.newproc1", {"runtime.newproc1"}},
    {"units_ended",
     "goroutines ended",
     "runtime.gdestroy",
     {"runtime.gdestroy", "runtime.goexit0"}},
    {"os_threads",
     "OS threads made (Ms)",
     "runtime.newm1",
     {"runtime.newm1", "runtime.newosproc"},
     true},
    {"mounts", "an M took a goroutine (execute)", "runtime.execute", {"runtime.execute"}},
    // func gopark(unlockf, lock, reason, …): the third argument
    {"parks", "a goroutine parked (gopark)", "runtime.gopark", {"runtime.gopark"}, false, 3},
    {"readied", "another one made it ready (ready)", "runtime.ready", {"runtime.ready"}},
    {"calls_entered",
     "system calls that may block (entersyscall)",
     "runtime.entersyscall",
     {"runtime.entersyscall"}},
    {"handoffs", "a P was taken from its M (handoffp)", "runtime.handoffp", {"runtime.handoffp"}},
};

// hotspot/share/runtime/continuationFreezeThaw.cpp, javaThread.cpp, os.hpp, share/prims/jvm.cpp.
const RuntimeQuestion kJvm[] = {
    {.key = "units_made",
     .title = "virtual threads started",
     .nobody_because = "the JVM passes no function of its own for each: compiled code starts them"},
    {"os_threads",
     "OS threads made (os::create_thread)",
     "os::create_thread",
     {"_ZN2os13create_threadE*"},
     true},
    {"platform_threads", "platform threads started", "JVM_StartThread", {"JVM_StartThread"}},
    {"unmounts",
     "a virtual thread left its carrier (freeze)",
     "freeze<Config<…>>",
     {"_Z6freezeI6Config*", "_ZL6freezeI6Config*"}},
    {"monitor_unmounts",
     "it left it at a monitor (freeze_preempt)",
     "Config<…>::freeze_preempt",
     {"_ZN6ConfigI*14freeze_preempt*"}},
    {"pins",
     "it was pinned and kept its carrier",
     "JavaThread::set_last_freeze_fail_result",
     {"_ZN10JavaThread27set_last_freeze_fail_resultE*"}},
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
