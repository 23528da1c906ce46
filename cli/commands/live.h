// live.h — a screen that is redrawn, and the keys that are pressed at it; it is always given back.
//
// Owns      the terminal's other screen while it lives: the destructor, so also an exception, brings
//           back what stood there before, and how keys came. SIGINT and SIGTERM end vtlab the ordinary
//           way; when it is stopped (Ctrl-Z), all is given back until it goes on. One at a time.
// Threads   The one that made it.
#pragma once

#include <unistd.h>

#include <cstdint>
#include <string>

namespace vtlab::commands {

class Live {
 public:
  static constexpr std::uint64_t kEvery_ns = 500'000'000;

  enum class Keys { leave_alone, take };
  /// Keys are taken if standard input is a terminal: each at once, and not echoed.
  /// Errors: lab::Error (usage) if `fd` is not a screen; `what` needs one.
  explicit Live(int fd = STDERR_FILENO, Keys keys = Keys::leave_alone,
                const std::string& what = "--live");
  ~Live();
  Live(const Live&) = delete;
  Live& operator=(const Live&) = delete;

  bool is_time(std::uint64_t elapsed_ns) const { return elapsed_ns >= next_ns_; }
  std::size_t lines() const;  ///< of the terminal, which may change its size
  void draw(const std::string& text, std::uint64_t elapsed_ns);

  bool takes_keys() const;
  /// What was typed since the last call, without waiting: characters, and the sequences of keys like arrows.
  std::string typed() const;

 private:
  const int fd_;
  std::uint64_t next_ns_ = 0;
};

}  // namespace vtlab::commands
