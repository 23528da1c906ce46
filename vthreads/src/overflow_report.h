// overflow_report.h — tells a stack overflow of a vthread from any other SIGSEGV.
//
// Owns      the process's action for SIGSEGV, if it was the default one when asked.
// Rule      The process ends as it would without: the handler writes one line, restores the default
//           action, and lets the fault happen again, so that a core dump shows the guilty frame.
// Rule      Only what signal-safety(7) allows: no allocation, no lock, no stream.
// Rejected  SIGBUS too: guard pages of both kinds raise SIGSEGV on Linux, and a handler that is not
//           needed is one more thing that a program's own could collide with.
// Threads   Anybody.
#pragma once

namespace vthreads::detail {

/// Installs the handler if nobody has one: neither the program nor a sanitizer.
void report_overflows();

}  // namespace vthreads::detail
