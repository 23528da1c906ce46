// descriptor_lives.h — which file a descriptor number means now: numbers come back as other files, and
// neither epoll nor a parked vthread would notice.
//
// Owns      one word per descriptor number, for the whole process and until it ends.
// Rule      io::prepare(), io::accept() and io::close() each begin another life of the number. Whoever waits
//           remembers the life in which it began; if the number has another one, its file is gone: EBADF.
// Rule      A life begins before anybody is woken or the number is closed; who wants to wait looks at the
//           life under the lock of the descriptor. So either the waiter sees the new life, or whoever began
//           it sees the waiter (Poller::forget).
// Threads   Anybody.
#pragma once

#include <cstdint>

namespace vthreads::detail {

/// What prepare() found out about the file, because it decides how to transfer.
enum class FileKind : std::uint8_t {
  unknown,  ///< not prepared
  other,    ///< can be waited for, or says EPERM when it is tried
  tcp,      ///< a short read means that nothing is left (docs/vthreads/io.md, "Park first")
  regular,  ///< always ready; blocks
};

class Life {
 public:
  Life() = default;  // none: equal to no life of a number

  bool is_prepared() const { return (bits_ & kPrepared) != 0; }
  FileKind kind() const { return static_cast<FileKind>((bits_ >> kKindShift) & 3); }

  /// Tells the lives of one number apart in what the kernel sends back.
  std::uint32_t tag() const {
    return static_cast<std::uint32_t>(bits_ >> kCountShift) & 0x7fffffffU;
  }

  friend bool operator==(const Life&, const Life&) = default;

 private:
  friend Life life_of(int fd);
  friend Life begin_life(int fd, bool prepared, FileKind kind);
  static constexpr std::uint64_t kExists = 1;
  static constexpr std::uint64_t kPrepared = 2;
  static constexpr int kKindShift = 2;
  static constexpr int kCountShift = 4;
  explicit Life(std::uint64_t bits) : bits_(bits | kExists) {}

  std::uint64_t bits_ = 0;
};

/// `fd` is not negative.
Life life_of(int fd);

/// Begins the next life of the number.
Life begin_life(int fd, bool prepared, FileKind kind);

}  // namespace vthreads::detail
