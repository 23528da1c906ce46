// params.h — what the user asked of an experiment, and the words in which the observed program is told.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace vtlab {

/// How virtual threads wait for descriptors.
enum class Poller { epoll, io_uring };

/// "epoll", "io_uring"
std::string_view name(Poller poller);
/// Nothing if it is not the name of one.
std::optional<Poller> parse_poller(std::string_view word);

/// What units wait for, where a scenario leaves the choice.
enum class Over { socket, pipe, file };

/// "socket", "pipe", "file"
std::string_view name(Over over);
/// Nothing if it is not the name of one.
std::optional<Over> parse_over(std::string_view word);

/// In what a unit of Java holds the thread below it while it waits, where a scenario leaves the choice: a
/// monitor, a frame of the JVM, a read of a file.
enum class Pin { synchronized, native, file };

/// "synchronized", "native", "file"
std::string_view name(Pin pin);
/// Nothing if it is not the name of one.
std::optional<Pin> parse_pin(std::string_view word);

struct Params {
  std::uint32_t tasks = 0;  ///< units asked for; at least 1
  std::uint32_t carriers =
      0;  ///< OS threads that run vthreads, the size of the pool, or the Ps of gmp; at least 1
  std::uint64_t delay_ns = 0;  ///< how long a unit waits, or its server before it answers
  std::uint64_t seed = 0;      ///< for every choice that is left to chance
  Poller poller = Poller::epoll;
  std::uint32_t event_log =
      0;  ///< records that each carrier may write into its event log; 0: no log
  Over over = Over::socket;
  Pin pin = Pin::synchronized;
  bool runtime_count =
      false;  ///< the JVM counts its units, too: its flight recorder, which is dear

  friend bool operator==(const Params&, const Params&) = default;
};

/// "tasks=1009", "poller=epoll", …: all of them, event log, pin and count only if they were chosen.
std::vector<std::string> to_words(const Params& params);
/// Takes one of those words. False if it is none.
bool take_word(Params& params, std::string_view word);

}  // namespace vtlab
