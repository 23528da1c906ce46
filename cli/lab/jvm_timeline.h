// jvm_timeline.h — passes of a JVM's functions → which virtual thread was on which carrier, on a timeline.
//
// A JVM tells debuggers (JVMTI) when a virtual thread is mounted, unmounted and done, by three functions of its own. Compiled
// code calls them only for a debugger, unless it was told to do so always: kTellAlways. Then all is known. Else there are
// freeze and thaw, which are passed by each virtual thread that leaves its carrier and comes back, and do not say which it is;
// where one begins and ends nobody tells.
//
// Fact      A virtual thread that wants to leave: unmount(hide). It left: unmount(!hide). It could not, because it is pinned:
//           mount(!hide). At a monitor the JVM itself takes it off (JDK 24 and later): unmount(!hide) comes alone. It comes:
//           mount(hide). java.lang.VirtualThread of JDK 21 and 25, runContinuation and yieldContinuation.
// Owns      nothing: the timeline is the caller's.
// Threads   One at a time.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "lab/unit_timeline.h"

namespace vtlab::lab {

/// Options of a JVM by which compiled code calls those functions, too: it does without its own versions of them.
inline constexpr const char* kTellAlways[] = {
    "-XX:+UnlockDiagnosticVMOptions", "-XX:DisableIntrinsic=_notifyJvmtiVThreadStart",
    "-XX:DisableIntrinsic=_notifyJvmtiVThreadEnd", "-XX:DisableIntrinsic=_notifyJvmtiVThreadMount",
    "-XX:DisableIntrinsic=_notifyJvmtiVThreadUnmount"};
/// Is it among the words of this text, a command line or an environment?
bool tells_always(std::string_view words);

/// What a pass of a function says of a virtual thread.
enum class JvmStep : std::uint8_t { none, mount, unmount, ended, freeze, thaw, pinned };

struct JvmPass {
  std::uint64_t at_ns = 0;  ///< CLOCK_MONOTONIC
  std::uint32_t tid = 0;
  JvmStep step{};
  std::uint64_t thread = 0;  ///< Thread.threadId(), of mount, unmount and ended
  bool hide = false;         ///< of mount and unmount: it begins
  std::uint32_t detail =
      0;  ///< VirtualThread.state, of mount and unmount; of thaw which kind, of pinned why
};

class JvmTimeline {
 public:
  /// `always`: mount, unmount and ended are told, and freeze and thaw are not needed; else the other way.
  JvmTimeline(result::Timeline& timeline, UnitTimeline& to, bool always)
      : timeline_(timeline), to_(to), always_(always) {}

  void take(const JvmPass& pass);  ///< in order of time
  void finish();                   ///< once, before UnitTimeline::finish

 private:
  struct Carrier {
    std::optional<std::uint32_t> unit;  // on it, as far as is known
    std::uint64_t leaves_ns = 0;        // it wants to since then; 0: it does not
    std::uint32_t state = 0;            // then
    std::string_view why;               // it could not
  };
  void told(const JvmPass& pass, std::uint32_t task, Carrier& carrier);
  void seen(const JvmPass& pass, std::uint32_t task, Carrier& carrier);
  void left(std::uint32_t task, Carrier& carrier, std::string_view reason);
  void stayed(std::uint32_t task, Carrier& carrier);
  std::uint32_t who(const JvmPass& pass, std::uint32_t task);
  std::uint32_t anybody(std::uint32_t task);
  void name_carrier(std::uint32_t task);

  result::Timeline& timeline_;
  UnitTimeline& to_;
  const bool always_;
  std::unordered_map<std::uint32_t, Carrier> carriers_;  // by task
  std::uint32_t named_ = 0;
};

}  // namespace vtlab::lab
