#include "timers.h"

namespace vthreads::detail {

void Timers::add(Timer& timer) {
  const std::lock_guard lock(mutex_);
  heap_.push_back(&timer);
  timer.order = added_++;
  timer.index = heap_.size() - 1;
  sift(timer.index);
  publish_earliest();
}

bool Timers::cancel(Timer& timer) {
  const std::lock_guard lock(mutex_);
  if (timer.index == kNotInHeap) return false;
  remove(timer);
  publish_earliest();
  return true;
}

void Timers::expire(Deadline now, VThreadList& runnable) {
  if (earliest() > now) return;
  const std::lock_guard lock(mutex_);
  while (!heap_.empty() && heap_.front()->deadline <= now) {
    ControlBlock& vthread = heap_.front()->vthread;
    remove(*heap_.front());
    if (vthread.wake()) runnable.push_back(vthread);
  }
  publish_earliest();
}

bool Timers::before(const Timer& a, const Timer& b) {
  return a.deadline != b.deadline ? a.deadline < b.deadline : a.order < b.order;
}

void Timers::place(std::size_t index, Timer& timer) {
  heap_[index] = &timer;
  timer.index = index;
}

// Moves the timer at `index` to where it belongs.
void Timers::sift(std::size_t index) {
  Timer& timer = *heap_[index];
  while (index > 0 && before(timer, *heap_[(index - 1) / 2])) {
    place(index, *heap_[(index - 1) / 2]);
    index = (index - 1) / 2;
  }
  for (;;) {
    std::size_t child = 2 * index + 1;
    if (child + 1 < heap_.size() && before(*heap_[child + 1], *heap_[child])) ++child;
    if (child >= heap_.size() || !before(*heap_[child], timer)) break;
    place(index, *heap_[child]);
    index = child;
  }
  place(index, timer);
}

void Timers::remove(Timer& timer) {
  const std::size_t hole = timer.index;
  Timer& last = *heap_.back();
  heap_.pop_back();
  timer.index = kNotInHeap;
  if (&last == &timer) return;
  place(hole, last);
  sift(hole);
}

void Timers::publish_earliest() {
  earliest_.store(heap_.empty() ? kNever : heap_.front()->deadline, std::memory_order_seq_cst);
}

}  // namespace vthreads::detail
