// actions.h — what a program can do that may create kernel tasks, and how a thread says that it is
// about to.
//
// A thread publishes its action by one store into slots[its tid], memory that the observer gave and
// reads at the moment the kernel makes the task, in that same thread. So a task is tied to its
// cause exactly, not by time.
#pragma once

#include <sys/types.h>

#include <atomic>
#include <cstdint>
#include <span>
#include <string_view>

namespace vtlab {

/// Numbers are on the wire (ledger rows); append only.
enum class Action : std::uint32_t {
  none,
  start_carrier,
  start_platform_thread,
  start_pool_thread,
  fork,
  start_virtual_thread,
  start_green_thread,
  start_m,
  start_sysmon,
  start_g,
  post_callback,
  // What the work of a unit does on purpose (ActionText::by_body).
  call_fork,
  vfork,
  posix_spawn,
  pthread_create,
  raw_clone,
  raw_clone3,
  start_musl_program,
  musl_thread,
  io_uring_worker,
  failing_clone,
  // Of runtimes that are not ours: what they start for themselves, not for units.
  start_runtime_thread,
};

inline constexpr std::size_t kActionCount = 22;

struct ActionText {
  Action action;
  std::string_view key;    ///< "start-carrier"
  std::string_view title;  ///< "start carrier"
  /// Making tasks is the work of the unit, not how the mode makes units: no claim of a mode is about it.
  bool by_body = false;
};

/// Every action, in number order; the first is "unattributed".
std::span<const ActionText> action_texts();
const ActionText& text(Action action);
/// Of a number that came from outside; one that is no action counts as unattributed.
std::string_view action_key(std::uint32_t action);

/// One thread's entry: action and unit + 1 in one word, so that it is never seen half-written.
struct ActionSlot {
  std::atomic<std::uint64_t> word;

  static constexpr std::uint64_t pack(Action action, std::uint32_t unit_plus_1) {
    return static_cast<std::uint64_t>(action) | static_cast<std::uint64_t>(unit_plus_1) << 32;
  }
};
static_assert(sizeof(ActionSlot) == 8 && std::atomic<std::uint64_t>::is_always_lock_free);

/// Where threads of this process publish. Borrows the slots; any thread may use it.
class ActionBoard {
 public:
  explicit ActionBoard(std::span<ActionSlot> slots) : slots_(slots) {}
  ActionSlot* slot_of(pid_t tid) const;

 private:
  std::span<ActionSlot> slots_;
};

/// The action of this thread until the end of the scope; nested scopes restore the outer one.
class ActionScope {
 public:
  static constexpr std::uint32_t kNoUnit = UINT32_MAX;  ///< + 1 is 0 on the wire

  ActionScope(const ActionBoard& board, Action action, std::uint32_t unit = kNoUnit);
  ~ActionScope();
  ActionScope(const ActionScope&) = delete;
  ActionScope& operator=(const ActionScope&) = delete;

 private:
  ActionSlot* slot_;
  std::uint64_t outer_ = 0;
};

}  // namespace vtlab
