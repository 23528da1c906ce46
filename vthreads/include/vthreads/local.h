// local.h — vthread-local values: a variable of which every vthread has its own.
//
// Why       A thread_local belongs to the carrier: all vthreads on it share it, and a vthread finds another one
//           after any wait.
// Owns      A VThreadLocal owns its name for the values, not the values: each belongs to the thread that made it
//           by its first get(), and is destroyed by that thread when it ends. So a value may outlive its
//           VThreadLocal; its destructor must not depend on it.
// Order     A vthread's values are destroyed on that vthread, the newest first, after its body and before it
//           counts as finished (join() returns, its Scope lets go). Their destructors may wait, are not
//           asked to stop meanwhile, and must not throw.
// Threads   Anybody may use one VThreadLocal at the same time; each sees its own value. On a platform thread
//           there is one value per platform thread.
// Cost      get() looks up a slot of an array, some ns; the first one of a thread allocates. A vthread that uses
//           none pays nothing.
#pragma once

#include <concepts>
#include <cstdint>
#include <functional>
#include <memory>
#include <utility>

namespace vthreads {

namespace detail {

/// A slot number, and who has it now.
struct LocalKey {
  std::uint32_t slot;
  std::uint64_t id;  // never used again
};

struct LocalValue {
  LocalValue() = default;
  LocalValue(const LocalValue&) = delete;
  LocalValue& operator=(const LocalValue&) = delete;
  virtual ~LocalValue() = default;

  LocalValue* older = nullptr;
  LocalValue* newer = nullptr;
  std::uint32_t slot = 0;
};

/// Errors: std::bad_alloc.
LocalKey take_local_key();
void give_back_local_key(const LocalKey& key) noexcept;

/// About the calling thread's values.
LocalValue* find_local(const LocalKey& key) noexcept;
void put_local(const LocalKey& key, std::unique_ptr<LocalValue> value);
void drop_local(const LocalKey& key);

}  // namespace detail

/// T need be neither copyable nor movable.
template <class T>
class VThreadLocal {
 public:
  /// Each value begins as T(). Errors: std::bad_alloc.
  VThreadLocal() requires std::default_initializable<T> : initial_([] { return T(); }) {}

  /// Each value begins as what initial() returns when its thread calls get() for the first time. Several
  /// threads may call it at once. It must not use this VThreadLocal.
  explicit VThreadLocal(std::function<T()> initial) : initial_(std::move(initial)) {}

  /// Nobody may use it any more; values live on until their threads end.
  ~VThreadLocal() { detail::give_back_local_key(key_); }

  VThreadLocal(const VThreadLocal&) = delete;
  VThreadLocal& operator=(const VThreadLocal&) = delete;

  /// The caller's value, valid until the calling thread ends or calls reset(). Errors: what making it throws;
  /// then there is none still.
  T& get() {
    if (T* const value = find()) return *value;
    auto made = std::make_unique<Value>(initial_);
    T& value = made->value;
    detail::put_local(key_, std::move(made));
    return value;
  }
  T& operator*() { return get(); }
  T* operator->() { return &get(); }

  /// The caller's value if there is one, else nullptr.
  T* find() const noexcept {
    auto* const value = static_cast<Value*>(detail::find_local(key_));
    return value == nullptr ? nullptr : &value->value;
  }

  /// Destroys the caller's value, if there is one; the next get() makes a new one.
  void reset() { detail::drop_local(key_); }

 private:
  struct Value final : detail::LocalValue {
    explicit Value(const std::function<T()>& initial) : value(initial()) {}
    T value;
  };

  const detail::LocalKey key_ = detail::take_local_key();
  const std::function<T()> initial_;
};

}  // namespace vthreads
