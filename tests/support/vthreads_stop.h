// vthreads_stop.h — a vthread that a test can ask to stop.
#pragma once

#include <utility>

#include "vthreads/vthreads.h"

namespace vthreads::test {

class Stoppable {
 public:
  template <class Body>
  Stoppable(Scheduler& scheduler, Body body) : vthread_(scheduler.start(std::move(body))) {}

  /// From any thread, until joined.
  void request_stop() { vthread_.request_stop(); }

  void join() { vthread_.join(); }

 private:
  VThread vthread_;
};

}  // namespace vthreads::test
