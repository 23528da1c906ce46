// channel.h — values from one thread to another, vthreads and platform threads in any mix.
//
// Owns      the values that have been sent and not yet received, at most `capacity`; with capacity
//           0 a sender waits until a receiver has its value.
// Rule      A vthread that has to wait gives up its carrier, and throws Stopped if it was asked to
//           stop; an operation that need not wait is done even then.
// Rule      Nothing is lost and nothing doubled: a value has been handed over (done, true) or is
//           untouched where it was, whatever ends the wait. If a wait ends well and is stopped at
//           the same time, it has ended well.
// Fairness  First come, first served, senders and receivers each.
// Order     See detail/channel_core.h: a send happens before the recv of its value returns.
// Undefined Destroying it while somebody waits (close() first, and let them leave). The move
//           constructor and the destructor of T may run under a SpinLock: they must not wait.
// Cost      One atomic read-modify-write per send and per recv, whether it waits or not; then
//           waking. No allocation but the ring. select() is in select.h.
#pragma once

#include <chrono>
#include <concepts>
#include <cstddef>
#include <iterator>
#include <memory>
#include <new>
#include <optional>
#include <type_traits>
#include <utility>

#include "vthreads/detail/channel_core.h"
#include "vthreads/stop.h"

namespace vthreads {

namespace detail {

template <class T>
struct ChannelValues {
  static void give(void* value, void* into) noexcept {
    static_cast<std::optional<T>*>(into)->emplace(std::move(*static_cast<T*>(value)));
  }
  static void store(void* value, void* ring, std::size_t slot) noexcept {
    std::construct_at(static_cast<T*>(ring) + slot, std::move(*static_cast<T*>(value)));
  }
  static void load(void* ring, std::size_t slot, void* into) noexcept {
    T* const value = static_cast<T*>(ring) + slot;
    give(value, into);
    std::destroy_at(value);
  }
  static void reset(void* into) noexcept { static_cast<std::optional<T>*>(into)->reset(); }
};

}  // namespace detail

template <class T>
class Channel {
  static_assert(std::is_object_v<T> && std::is_nothrow_move_constructible_v<T> &&
                    std::is_nothrow_destructible_v<T>,
                "a value is moved from thread to thread: that must not throw");

 public:
  /// Errors: std::bad_alloc, std::bad_array_new_length if there is no memory for so many values.
  explicit Channel(std::size_t capacity = 0)
      : core_(capacity, capacity == 0 ? nullptr : std::allocator<T>().allocate(capacity)) {}
  Channel(const Channel&) = delete;
  Channel& operator=(const Channel&) = delete;
  ~Channel() {
    core_.drain([this](std::size_t slot) { std::destroy_at(ring() + slot); });
    if (core_.capacity() > 0) std::allocator<T>().deallocate(ring(), core_.capacity());
  }

  /// Waits until there is room for it in the ring or a receiver has it. True if `value` was moved
  /// from; false, and `value` is untouched, if the channel is closed. Errors: Stopped, `value`
  /// untouched.
  bool send(T&& value) { return send_until(std::move(value), kNever) == ChannelStatus::done; }
  bool send(const T& value) requires std::copy_constructible<T> { return send(T(value)); }

  /// As send(): done, closed or timeout. Errors: Stopped.
  ChannelStatus send_until(T&& value, Deadline deadline) {
    core_.lock();
    const detail::ChannelStep step = core_.begin_send(Values(), &value);
    if (step.kind == detail::ChannelStep::Kind::must_wait)
      return core_.wait_to_send(&value, deadline);
    core_.unlock();
    detail::ChannelCore::end_send(Values(), &value, step);
    return status(step);
  }
  ChannelStatus send_until(const T& value, Deadline deadline) requires std::copy_constructible<T> {
    return send_until(T(value), deadline);
  }
  ChannelStatus send_for(T&& value, std::chrono::nanoseconds duration) {
    return send_until(std::move(value), deadline_after(duration));
  }
  ChannelStatus send_for(const T& value,
                         std::chrono::nanoseconds duration) requires std::copy_constructible<T> {
    return send_until(T(value), deadline_after(duration));
  }

  /// done, closed or would_block; never waits.
  ChannelStatus try_send(T&& value) {
    core_.lock();
    const detail::ChannelStep step = core_.begin_send(Values(), &value);
    core_.unlock();
    detail::ChannelCore::end_send(Values(), &value, step);
    return status(step);
  }
  ChannelStatus try_send(const T& value) requires std::copy_constructible<T> {
    return try_send(T(value));
  }

  /// Waits for a value; empty once the channel is closed and every value has been received. Errors:
  /// Stopped.
  std::optional<T> recv() {
    std::optional<T> value;
    recv_into(value, kNever);
    return value;
  }

  /// As recv(): done, closed or timeout. `into` loses what it holds, and has a value afterwards
  /// only if done. Errors: Stopped.
  ChannelStatus recv_until(std::optional<T>& into, Deadline deadline) {
    into.reset();
    return recv_into(into, deadline);
  }
  ChannelStatus recv_for(std::optional<T>& into, std::chrono::nanoseconds duration) {
    return recv_until(into, deadline_after(duration));
  }

  /// done, closed or would_block; never waits. `into` as in recv_until().
  ChannelStatus try_recv(std::optional<T>& into) {
    into.reset();
    core_.lock();
    const detail::ChannelStep step = core_.begin_recv(Values(), &into);
    core_.unlock();
    detail::ChannelCore::end_recv(Values(), &into, step);
    return status(step);
  }

  /// From now on nothing can be sent; what has been sent can be received. Who waits to send gets
  /// `closed`, and who waits to receive, too. Again: nothing. Never waits.
  void close() { core_.close(); }

  /// A moment's view: others may change it at once.
  bool is_closed() { return core_.is_closed(); }
  std::size_t size() { return core_.count(); }
  std::size_t capacity() const { return core_.capacity(); }

  /// `for (T& value : channel)` receives until the channel is closed and empty. Errors: as recv().
  class Iterator {
   public:
    using value_type = T;
    using difference_type = std::ptrdiff_t;

    T& operator*() const { return *value_; }
    Iterator& operator++() {
      channel_->recv_until(value_, kNever);
      return *this;
    }
    void operator++(int) { ++*this; }
    friend bool operator==(const Iterator& at, std::default_sentinel_t) { return !at.value_; }

   private:
    friend class Channel;
    explicit Iterator(Channel& channel) : channel_(&channel) { ++*this; }

    Channel* channel_;
    mutable std::optional<T> value_;
  };
  Iterator begin() { return Iterator(*this); }
  std::default_sentinel_t end() { return std::default_sentinel; }

 private:
  friend class SelectCase;
  using Values = detail::ChannelValues<T>;

  static ChannelStatus status(detail::ChannelStep step) {
    switch (step.kind) {
      case detail::ChannelStep::Kind::closed:
        return ChannelStatus::closed;
      case detail::ChannelStep::Kind::must_wait:
        return ChannelStatus::would_block;
      default:
        return ChannelStatus::done;
    }
  }

  ChannelStatus recv_into(std::optional<T>& into, Deadline deadline) {
    core_.lock();
    const detail::ChannelStep step = core_.begin_recv(Values(), &into);
    if (step.kind == detail::ChannelStep::Kind::must_wait)
      return core_.wait_to_recv(&into, deadline);
    core_.unlock();
    detail::ChannelCore::end_recv(Values(), &into, step);
    return status(step);
  }

  T* ring() const { return static_cast<T*>(core_.ring()); }

  detail::ChannelCore core_;
};

}  // namespace vthreads
