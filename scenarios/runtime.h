// runtime.h — what the body of a scenario may do, whatever the mode. Modes implement it.
//
// A runtime is made inside the observed window, so what it starts for itself (carriers, a pool) is
// seen as well.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "scenarios/unit_event.h"

namespace vtlab {

class EventLoop;

/// Permits that units take and give back, waiting as their mode waits. First come, first served where the
/// mode can (vthreads); with platform threads and processes the kernel's futex decides.
class Semaphore {
 public:
  Semaphore() = default;
  virtual ~Semaphore() = default;
  Semaphore(const Semaphore&) = delete;
  Semaphore& operator=(const Semaphore&) = delete;

  virtual void acquire() = 0;
  virtual void release() = 0;
};

class Runtime {
 public:
  Runtime() = default;
  virtual ~Runtime() = default;
  Runtime(const Runtime&) = delete;
  Runtime& operator=(const Runtime&) = delete;

  /// Starts a unit that runs `body` once; `body` must not throw. Throws std::system_error if the
  /// unit cannot be had. Units may start units, too.
  virtual void start(std::uint32_t unit, std::function<void()> body) = 0;
  /// Returns when every unit has ended. Called once, by the thread that started them.
  virtual void join_all() = 0;

  /// The kernel task that the caller runs on right now.
  virtual pid_t current_tid() const;
  /// As read(2) and write(2), without EINTR: they hold the unit until done; what else they hold is
  /// the mode's nature.
  virtual ssize_t read(int fd, void* buffer, std::size_t size);
  virtual ssize_t write(int fd, const void* buffer, std::size_t size);
  /// Lets others run.
  virtual void yield();
  virtual void sleep(std::uint64_t ns);
  /// Runs `call`, which blocks in the kernel in a way that the mode cannot turn into waiting of the unit
  /// alone; a mode that has something to set against that does so.
  virtual void blocking(const std::function<void()>& call) { call(); }
  /// To be made before the units that use it; works between processes, too. Errors: std::system_error.
  virtual std::unique_ptr<Semaphore> semaphore(std::uint32_t permits);

  /// Only in the mode that has no units that could wait: what it has instead. Else null.
  virtual EventLoop* event_loop() { return nullptr; }

  /// How often a unit was put on an OS thread, where the runtime and not the kernel does that.
  virtual std::optional<std::uint64_t> unit_switches() const { return std::nullopt; }
  /// What its units did, oldest first, if Params::event_log asked for it. After join_all().
  virtual std::vector<UnitEvent> events() { return {}; }
  /// By which id its events speak of each unit; 0: the unit was not started. Empty if it has no events.
  virtual std::vector<std::uint64_t> unit_ids() const { return {}; }
};

}  // namespace vtlab
