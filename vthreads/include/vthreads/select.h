// select.h — the first that can happen, of several sends and receives.
//
//   std::optional<Job> job;
//   std::optional<Unit> quit;
//   switch (select(on_recv(jobs, job), on_recv(quits, quit), on_send(out, std::move(result)))) {
//     case 0: …  // job has a value, or jobs is closed and empty
//
// Owns      nothing: the channels, and what a case receives into or sends from, must last until
//           select returns.
// Rule      At most one case happens; all others leave their channels and objects untouched.
// Rule      A case on a closed channel can happen: its status is `closed`. A SelectCase made by
//           default never can.
// Rule      Interruptible: Stopped if it has to wait and the vthread was asked to stop; no case has
//           happened then.
// Fairness  Among cases that can happen at once one is taken at random. Among threads, as
//           channel.h.
// Threads   Sends and receives of other selects, also on the same channels in another order, are
//           partners like any other. One channel may be in several cases; a select is never its own
//           partner.
// Cost      One atomic read-modify-write per channel if a case can happen at once. If it has to
//           wait 2n - 1, and one of whoever ends it. No allocation.
#pragma once

#include <array>
#include <chrono>
#include <concepts>
#include <cstddef>
#include <optional>
#include <span>
#include <type_traits>

#include "vthreads/channel.h"

namespace vthreads {

namespace detail {

// What ChannelCore asks of Values, where the type is not known.
struct ChannelOps {
  void (*give)(void* value, void* into) noexcept;
  void (*store)(void* value, void* ring, std::size_t slot) noexcept;
  void (*load)(void* ring, std::size_t slot, void* into) noexcept;
  void (*reset)(void* into) noexcept;
};

template <class T>
inline constexpr ChannelOps kChannelOps = {&ChannelValues<T>::give, &ChannelValues<T>::store,
                                           &ChannelValues<T>::load, &ChannelValues<T>::reset};

class Select;

}  // namespace detail

/// Which case happened, and how. Converts to the index, for `switch`.
struct Selected {
  static constexpr std::size_t kNone = ~std::size_t{0};

  std::size_t index = kNone;
  ChannelStatus status = ChannelStatus::would_block;  ///< timeout or would_block: no case

  // NOLINTNEXTLINE(google-explicit-constructor): so that a select can be switched on
  operator std::size_t() const { return index; }
};

/// One send or receive that a select may do. May be used again for another select, not for two at a
/// time.
class SelectCase {
 public:
  /// Never happens.
  SelectCase() = default;

 private:
  friend class detail::Select;
  template <class T>
  friend SelectCase on_recv(Channel<T>& channel, std::optional<T>& into);
  template <class T>
  friend SelectCase on_send(Channel<T>& channel, std::type_identity_t<T>&& value);

  template <class T>
  SelectCase(Channel<T>& channel, bool sends, void* place)
      : channel_(&channel.core_), ops_(&detail::kChannelOps<T>), sends_(sends), place_(place) {}

  detail::ChannelCore* channel_ = nullptr;
  const detail::ChannelOps* ops_ = nullptr;
  bool sends_ = false;
  void* place_ = nullptr;
  SelectCase* next_ = nullptr;  // in the order of locking
  detail::ChannelRecord record_;
};

/// Receives into `into`, which loses what it holds when the select begins, and has a value
/// afterwards only if this case happened and the channel was not closed.
template <class T>
SelectCase on_recv(Channel<T>& channel, std::optional<T>& into) {
  return {channel, false, &into};
}

/// Sends `value`, which is moved from only if this case happened and the channel was not closed.
template <class T>
SelectCase on_send(Channel<T>& channel, std::type_identity_t<T>&& value) {
  return {channel, true, &value};
}

/// Waits until one of the cases has happened; for ever if there are none. Errors: Stopped.
Selected select(std::span<SelectCase> cases);

/// As select(), but not beyond the deadline: index Selected::kNone and status timeout then. Errors:
/// Stopped.
Selected select_until(Deadline deadline, std::span<SelectCase> cases);
Selected select_for(std::chrono::nanoseconds duration, std::span<SelectCase> cases);

/// Never waits: index Selected::kNone and status would_block if no case can happen now.
Selected try_select(std::span<SelectCase> cases);

/// The same with the cases as arguments; the index is that of the argument.
template <std::same_as<SelectCase>... Cases>
Selected select(Cases... cases) {
  std::array<SelectCase, sizeof...(Cases)> list{cases...};
  return select(std::span<SelectCase>(list));
}
template <std::same_as<SelectCase>... Cases>
Selected select_until(Deadline deadline, Cases... cases) {
  std::array<SelectCase, sizeof...(Cases)> list{cases...};
  return select_until(deadline, std::span<SelectCase>(list));
}
template <std::same_as<SelectCase>... Cases>
Selected select_for(std::chrono::nanoseconds duration, Cases... cases) {
  std::array<SelectCase, sizeof...(Cases)> list{cases...};
  return select_for(duration, std::span<SelectCase>(list));
}
template <std::same_as<SelectCase>... Cases>
Selected try_select(Cases... cases) {
  std::array<SelectCase, sizeof...(Cases)> list{cases...};
  return try_select(std::span<SelectCase>(list));
}

}  // namespace vthreads
