// raw_task.h — kernel tasks made without a C library, which end at once.
//
// Rule      The new task touches no memory, not even a stack: it may share any of ours, and every lock that
//           another thread holds. So nothing needs to be ready for it but its number.
#pragma once

#include <sys/types.h>

#include <cstdint>

namespace vtlab {

/// clone(2) with these CLONE_ flags and without an exit signal. Returns when the task has ended: 0, or the
/// errno with which the kernel refused to make it.
int clone_and_wait(std::uint64_t flags);
/// The same by clone3(2).
int clone3_and_wait(std::uint64_t flags);

/// waitpid(2) for any kind of child, without EINTR. Errors: std::system_error; also ECHILD.
void wait_for_child(pid_t child);

}  // namespace vtlab
