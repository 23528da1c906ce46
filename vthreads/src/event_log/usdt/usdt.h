// usdt.h — USDT probes: a nop in the code and a note in the ELF file that says where it is and where its
// arguments are. This variant is chosen by CMake where <sys/sdt.h> (Debian: systemtap-sdt-dev) exists.
#pragma once

#include <sys/sdt.h>

// Where a probe is compiled into several places, none of its arguments may be a constant: perf (6.1) leaves
// constants out, and the kernel refuses an event whose places differ in their arguments. These two make the
// compiler forget that it knows the value, of what is in a register, and of what was stored just before.
#define VTHREADS_PROBE_REGISTER(value) asm("" : "+r"(value))
#define VTHREADS_PROBE_MEMORY(value) asm("" : "+m"(value))

#define VTHREADS_PROBE1(name, a) STAP_PROBE1(vthreads, name, a)
#define VTHREADS_PROBE2(name, a, b) STAP_PROBE2(vthreads, name, a, b)
#define VTHREADS_PROBE3(name, a, b, c) STAP_PROBE3(vthreads, name, a, b, c)
