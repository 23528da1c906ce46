// vthread_list.h — vthreads in a row, linked through their control blocks: moving many costs as
// much as moving one.
//
// Owns      nothing. A vthread is in at most one list.
// Threads   None: the list belongs to who made it, or to the lock of who holds it.
#pragma once

#include <cstddef>
#include <utility>

#include "vthread.h"

namespace vthreads::detail {

class VThreadList {
 public:
  VThreadList() = default;
  VThreadList(VThreadList&& other) noexcept
      : first_(std::exchange(other.first_, nullptr)),
        last_(other.last_),
        size_(std::exchange(other.size_, 0)) {}
  VThreadList& operator=(VThreadList&&) = delete;

  bool empty() const { return first_ == nullptr; }
  std::size_t size() const { return size_; }

  void push_back(ControlBlock& vthread) {
    vthread.next = nullptr;
    (empty() ? first_ : last_->next) = &vthread;
    last_ = &vthread;
    ++size_;
  }

  /// nullptr if empty.
  ControlBlock* pop_front() {
    ControlBlock* const vthread = first_;
    if (vthread != nullptr) {
      first_ = vthread->next;
      --size_;
    }
    return vthread;
  }

  /// The whole row, linked through ControlBlock::next.
  ControlBlock* pop_all() {
    if (first_ != nullptr) last_->next = nullptr;
    size_ = 0;
    return std::exchange(first_, nullptr);
  }

  void append(VThreadList other) {
    if (other.empty()) return;
    (empty() ? first_ : last_->next) = other.first_;
    last_ = other.last_;
    size_ += other.size_;
  }

 private:
  ControlBlock* first_ = nullptr;
  ControlBlock* last_ = nullptr;  // meaningless if empty
  std::size_t size_ = 0;
};

}  // namespace vthreads::detail
