// vthreads_gmp.h — what the tests of Kind::gmp share.
#pragma once

#include <thread>

#include "vthreads/vthreads.h"

namespace vthreads::test {

inline Config gmp(unsigned procs) {
  Config config;
  config.kind = Config::Kind::gmp;
  config.carriers = procs;
  return config;
}

// Holds the OS thread, and in gmp the P as well, until it has happened.
template <class Condition>
void hold_until(Condition done) {
  while (!done()) std::this_thread::yield();
}

}  // namespace vthreads::test
