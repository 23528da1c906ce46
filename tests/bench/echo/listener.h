// listener.h — what the echo servers in C++ share: the listening socket and how its port is told.
//
// Errors    std::system_error with the code of the system call that failed.
#pragma once

#include <cstddef>

namespace vtlab::bench {

inline constexpr std::size_t kEchoBuffer = 512;

/// Listens on a free port of 127.0.0.1, non-blocking, and prints {"port": …} for run.py. The caller owns it.
int listen_for_echo();

/// The next connection with TCP_NODELAY, or -1 and errno. `flags` as accept4(2). The caller owns it.
int accept_echo(int listener, int flags);

/// TCP_NODELAY.
void answer_at_once(int fd);

}  // namespace vtlab::bench
