// runtime.h — what the body of a scenario may do, whatever the mode. Modes implement it.
//
// A runtime is made inside the observed window, so what it starts for itself (carriers, a pool) is
// seen as well.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>

namespace vtlab {

class Runtime {
 public:
  Runtime() = default;
  virtual ~Runtime() = default;
  Runtime(const Runtime&) = delete;
  Runtime& operator=(const Runtime&) = delete;

  /// Starts a unit that runs `body` once; `body` must not throw. Throws std::system_error if the
  /// unit cannot be had.
  virtual void start(std::uint32_t unit, std::function<void()> body) = 0;
  /// Returns when every unit has ended. Called once, by the thread that started them.
  virtual void join_all() = 0;

  /// The kernel task that the caller runs on right now.
  virtual pid_t current_tid() const;
  /// As read(2) and write(2), without EINTR: they hold the unit until done; what else they hold is
  /// the mode's nature.
  virtual ssize_t read(int fd, void* buffer, std::size_t size);
  virtual ssize_t write(int fd, const void* buffer, std::size_t size);

  /// How often a unit was put on an OS thread, where the runtime and not the kernel does that.
  virtual std::optional<std::uint64_t> unit_switches() const { return std::nullopt; }
};

}  // namespace vtlab
