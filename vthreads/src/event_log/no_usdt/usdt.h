// usdt.h — no USDT probes: the variant where <sys/sdt.h> does not exist.
#pragma once

#define VTHREADS_PROBE_REGISTER(value) static_cast<void>(value)
#define VTHREADS_PROBE_MEMORY(value) static_cast<void>(value)
#define VTHREADS_PROBE1(name, a) static_cast<void>(a)
#define VTHREADS_PROBE2(name, a, b) static_cast<void>(a), static_cast<void>(b)
#define VTHREADS_PROBE3(name, a, b, c) \
  static_cast<void>(a), static_cast<void>(b), static_cast<void>(c)
