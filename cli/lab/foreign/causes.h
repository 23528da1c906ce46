// causes.h — what another runtime's new kernel tasks are for, as far as they say so themselves. Pure.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "lab/observer.h"
#include "result/task_names.h"
#include "scenarios/actions.h"
#include "scenarios/foreign.h"

namespace vtlab::lab {

/// By the name of a new thread of a JVM (comm(5), so 15 characters of it): names of units are given by our own
/// program, those of carriers by java.lang.VirtualThread, and all others are the JVM's own.
Action cause_of_jvm_thread(std::string_view name);

/// A program of another runtime publishes no actions: puts each new task under the one that it is for, if that
/// is known. In Go all threads of a program without C are Ms; in a JVM names tell.
void attribute(KernelView& view, Language language);

/// Since JDK 25 a pool of carriers has a thread that keeps its deadlines, "ForkJoinPool-1-delayScheduler": its first
/// 15 characters are those of a carrier's. How many there are the JVM says when the window is closed.
void tell_timers_from_carriers(KernelView& view, std::uint64_t timers);

/// "GC Thread#0" and "GC Thread#1" are two of "GC Thread#…".
result::TaskNames by_name(const std::map<std::string, std::uint64_t>& at_gate,
                          const KernelView& window);

}  // namespace vtlab::lab
