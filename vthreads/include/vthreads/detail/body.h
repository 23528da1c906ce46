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

  /// Only while empty. Throws what making or moving the callable throws; empty then.
  template <class F>
  requires(std::is_invocable_v<std::decay_t<F>>) void emplace(F&& callable) {
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

  Body(const Body&) = delete;
  Body& operator=(const Body&) = delete;
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
    void (*destroy)(void* place) noexcept;
  };

  template <class T>
  static constexpr bool fits() {
    return sizeof(T) <= kPlaceBytes && alignof(T) <= alignof(std::max_align_t);
  }

  template <class T>
  static constexpr Operations kOperations = {
      [](void* place) { std::move (*static_cast<T*>(place))(); },
      [](void* place) noexcept { static_cast<T*>(place)->~T(); }};

  const Operations* operations_ = nullptr;
  alignas(std::max_align_t) std::byte place_[kPlaceBytes];
};

}  // namespace vthreads::detail
