// body.h — what a vthread shall run: any callable, also one that can only be moved.
//
// Owns      the callable; in place if it is small, so that starting a vthread allocates nothing,
//           else on the heap.
// Rule      Called at most once. Destroyed on the vthread that ran it, before it counts as
//           finished.
// Threads   One at a time.
#pragma once

#include <cstddef>
#include <memory>
#include <new>
#include <type_traits>
#include <utility>

namespace vthreads::detail {

class Body {
 public:
  Body() = default;

  // NOLINTBEGIN(bugprone-forwarding-reference-overload): the requires clause excludes Body itself
  template <class F>
  requires(!std::is_same_v<std::remove_cvref_t<F>, Body> &&
           std::is_invocable_v<std::decay_t<F>>) explicit Body(F&& callable) {
    using Callable = std::decay_t<F>;
    if constexpr (fits<Callable>()) {
      new (place_) Callable(std::forward<F>(callable));
      operations_ = &kOperations<Callable>;
    } else {
      using Box = Boxed<Callable>;
      new (place_) Box{std::make_unique<Callable>(std::forward<F>(callable))};
      operations_ = &kOperations<Box>;
    }
  }
  // NOLINTEND(bugprone-forwarding-reference-overload)

  Body(Body&& other) noexcept { take(other); }
  Body& operator=(Body&& other) noexcept {
    if (this != &other) {
      reset();
      take(other);
    }
    return *this;
  }
  ~Body() { reset(); }

  void operator()() { operations_->call(place_); }

  void reset() noexcept {
    if (operations_ != nullptr) std::exchange(operations_, nullptr)->destroy(place_);
  }

 private:
  static constexpr std::size_t kPlaceBytes = 48;

  template <class Callable>
  struct Boxed {
    std::unique_ptr<Callable> callable;
    void operator()() { std::move (*callable)(); }
  };

  struct Operations {
    void (*call)(void* place);
    void (*move)(void* from, void* to) noexcept;  // leaves `from` destroyed
    void (*destroy)(void* place) noexcept;
  };

  template <class T>
  static constexpr bool fits() {
    return sizeof(T) <= kPlaceBytes && alignof(T) <= alignof(std::max_align_t) &&
           std::is_nothrow_move_constructible_v<T>;
  }

  template <class T>
  static constexpr Operations kOperations = {
      [](void* place) { std::move (*static_cast<T*>(place))(); },
      [](void* from, void* to) noexcept {
        new (to) T(std::move(*static_cast<T*>(from)));
        static_cast<T*>(from)->~T();
      },
      [](void* place) noexcept { static_cast<T*>(place)->~T(); }};

  void take(Body& other) noexcept {
    operations_ = std::exchange(other.operations_, nullptr);
    if (operations_ != nullptr) operations_->move(other.place_, place_);
  }

  const Operations* operations_ = nullptr;
  alignas(std::max_align_t) std::byte place_[kPlaceBytes];
};

}  // namespace vthreads::detail
