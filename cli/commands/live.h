// live.h — a screen that is redrawn, on standard error, and is always given back.
//
// Owns      the terminal's other screen while it lives: the destructor, so also an exception, brings
//           back what stood there before. SIGINT and SIGTERM end vtlab the ordinary way.
// Threads   The one that made it.
#pragma once

#include <cstdint>
#include <string>

namespace vtlab::commands {

class Live {
 public:
  static constexpr std::uint64_t kEvery_ns = 500'000'000;

  /// Errors: lab::Error (usage) if standard error is not a screen.
  Live();
  ~Live();
  Live(const Live&) = delete;
  Live& operator=(const Live&) = delete;

  bool is_time(std::uint64_t elapsed_ns) const { return elapsed_ns >= next_ns_; }
  std::size_t lines() const;  ///< of the terminal, which may change its size
  void draw(const std::string& text, std::uint64_t elapsed_ns);

 private:
  std::uint64_t next_ns_ = 0;
};

}  // namespace vtlab::commands
