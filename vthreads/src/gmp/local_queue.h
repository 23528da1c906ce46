// local_queue.h — the Gs that one P will run next: a slot for the very next one, and a ring.
//
// Owns      nothing; holds runnable Gs.
// Rule      The *next* slot ("runnext") is for the G that the running one made ready last: it runs
//           next, in what is left of the same time slice, while what it needs is still in the cache. Who
//           was there before goes to the tail of the ring.
// Rule      The owner is the M that has the P. Only the owner moves the tail and writes slots, so a
//           put needs no read-modify-write; whoever moves the head (owner or thief) does so by
//           compare-and-swap, which is what says that the Gs passed over are its own.
// Rule      A full ring gives its older half away, to the global queue, not one G: so the next puts are
//           cheap again.
// Threads   "By the owner": one at a time, handed on with the P. Everything else: anybody.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>

#include "vthread_list.h"

namespace vthreads::detail::gmp {

using G = ControlBlock;

class LocalQueue {
 public:
  /// slots: a power of two, at least 2. (256 in Go.)
  explicit LocalQueue(std::uint32_t slots);

  /// By the owner: `g` runs next. Returns who was to and now belongs to the tail; nullptr if nobody.
  /// Sequentially consistent, so that a look at the idle Ps afterwards cannot come too early.
  G* put_next(G& g) { return next_.exchange(&g, std::memory_order_seq_cst); }

  /// By the owner: at the tail. False if the ring is full.
  bool put(G& g);

  /// By the owner, after put(): as put_next() is, sequentially consistent.
  void publish() { tail_.fetch_add(0, std::memory_order_seq_cst); }

  /// By the owner: the older half of a full ring; nothing if it is not full any more.
  VThreadList take_half();

  /// By the owner; nullptr if there is none. take_next(): from the slot; take(): the oldest of the ring.
  G* take_next();
  G* take();

  /// By the owner of this queue, which is empty: the older half of the victim's ring, rounded up; if
  /// there is none and `next_too`, what is in its slot. One of them is returned, the rest is put here.
  /// Counts them in `taken`.
  G* steal(LocalQueue& victim, bool next_too, std::uint32_t& taken);

  /// By the owner: everything.
  VThreadList take_all();

  /// Never true while there is something and nobody takes it.
  bool empty() const;

  std::uint32_t slots() const { return mask_ + 1; }

 private:
  std::atomic<G*>& slot(std::uint32_t position) { return slots_[position & mask_]; }

  // Positions count up for ever and wrap around.
  alignas(64) std::atomic<std::uint32_t> head_{0};
  std::atomic<std::uint32_t> tail_{0};
  std::atomic<G*> next_{nullptr};
  const std::uint32_t mask_;
  const std::unique_ptr<std::atomic<G*>[]> slots_;
};

}  // namespace vthreads::detail::gmp
