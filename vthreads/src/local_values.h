// local_values.h — the vthread-local values of one vthread, or of one platform thread.
//
// Owns      the values.
// Rule      A slot number is used again when its VThreadLocal is gone, an id never is: so a value that was left
//           by an earlier owner of the slot is known by its id, and destroyed when the next owner comes.
// Rule      Destructors of values may use vthread-local values themselves: what they make anew is destroyed as well.
// Threads   Its own thread.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "vthreads/local.h"

namespace vthreads::detail {

class LocalValues {
 public:
  LocalValues() = default;
  LocalValues(const LocalValues&) = delete;
  LocalValues& operator=(const LocalValues&) = delete;

  /// Destroys all values, the newest first; they find each other until the end.
  ~LocalValues();

  LocalValue* find(const LocalKey& key) const {
    if (key.slot >= entries_.size()) return nullptr;
    const Entry& entry = entries_[key.slot];
    return entry.id == key.id ? entry.value : nullptr;
  }

  /// Errors: std::bad_alloc; then nothing has changed.
  void put(const LocalKey& key, std::unique_ptr<LocalValue> value);

  /// Destroys the value, if there is one.
  void drop(const LocalKey& key);

 private:
  struct Entry {
    std::uint64_t id = 0;
    LocalValue* value = nullptr;
  };

  std::unique_ptr<LocalValue> take(LocalValue& value);

  std::vector<Entry> entries_;    // by slot
  LocalValue* newest_ = nullptr;  // linked through `older`
};

}  // namespace vthreads::detail
