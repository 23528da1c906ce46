#include "local_values.h"

#include <mutex>
#include <utility>

#include "vthread.h"

namespace vthreads::detail {
namespace {

// Hands out keys. Never destroyed: objects of static storage duration may give theirs back at any time.
class Keys {
 public:
  LocalKey take() {
    const std::lock_guard lock(mutex_);
    const std::uint64_t id = ++last_id_;
    if (free_.empty()) {
      free_.reserve(slots_ + 1);  // so that give_back() needs no memory
      return {slots_++, id};
    }
    const std::uint32_t slot = free_.back();
    free_.pop_back();
    return {slot, id};
  }

  void give_back(const LocalKey& key) noexcept {
    const std::lock_guard lock(mutex_);
    free_.push_back(key.slot);
  }

 private:
  std::mutex mutex_;
  std::vector<std::uint32_t> free_;
  std::uint32_t slots_ = 0;
  std::uint64_t last_id_ = 0;  // 0 is nobody's
};

Keys& keys() {
  static Keys& keys = *new Keys;
  return keys;
}

// Used only where no vthread is mounted, so its address cannot go stale across a park.
thread_local std::unique_ptr<LocalValues> of_platform_thread;

LocalValues* of_caller() {
  const ControlBlock* const vthread = current_vthread();
  return vthread != nullptr ? vthread->locals() : of_platform_thread.get();
}

LocalValues& make_of_caller() {
  auto made = std::make_unique<LocalValues>();
  LocalValues& values = *made;
  if (ControlBlock* const vthread = current_vthread()) {
    vthread->set_locals(made.release());
  } else {
    of_platform_thread = std::move(made);
  }
  return values;
}

}  // namespace

void LocalValues::put(const LocalKey& key, std::unique_ptr<LocalValue> value) {
  if (key.slot >= entries_.size()) entries_.resize(key.slot + 1);
  std::unique_ptr<LocalValue> stale;
  if (LocalValue* const old = entries_[key.slot].value) stale = take(*old);
  value->slot = key.slot;
  value->older = newest_;
  value->newer = nullptr;
  if (newest_ != nullptr) newest_->newer = value.get();
  newest_ = value.get();
  entries_[key.slot] = {key.id, value.release()};
}

void LocalValues::drop(const LocalKey& key) {
  if (LocalValue* const value = find(key)) take(*value);
}

std::unique_ptr<LocalValue> LocalValues::take(LocalValue& value) {
  (value.newer == nullptr ? newest_ : value.newer->older) = value.older;
  if (value.older != nullptr) value.older->newer = value.newer;
  entries_[value.slot] = {};
  return std::unique_ptr<LocalValue>(&value);
}

LocalValues::~LocalValues() {
  while (newest_ != nullptr) take(*newest_);
}

LocalKey take_local_key() {
  return keys().take();
}

void give_back_local_key(const LocalKey& key) noexcept {
  keys().give_back(key);
}

LocalValue* find_local(const LocalKey& key) noexcept {
  const LocalValues* const values = of_caller();
  return values == nullptr ? nullptr : values->find(key);
}

void put_local(const LocalKey& key, std::unique_ptr<LocalValue> value) {
  LocalValues* const values = of_caller();
  (values != nullptr ? *values : make_of_caller()).put(key, std::move(value));
}

void drop_local(const LocalKey& key) {
  if (LocalValues* const values = of_caller()) values->drop(key);
}

}  // namespace vthreads::detail
