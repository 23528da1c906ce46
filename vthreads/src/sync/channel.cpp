// channel.cpp — waiting on a channel, and closing it.
//
// Atomic read-modify-writes: send and recv 1 each (the guard), whether they wait, end a wait, or
// use the ring. One more if the other side is a select() (its claim), and one more for a wait that
// gives up. close() 1.
//
// Rejected: a lock-free ring (it needs one read-modify-write per operation too, and then another
// protocol for those who wait); moving the value under the guard when it goes from stack to stack
// (the other side's cache lines are far away, and everybody else waits).
#include <cassert>
#include <mutex>

#include "vthreads/detail/channel_core.h"

namespace vthreads::detail {

ChannelCore::~ChannelCore() {
  assert(receivers_.empty() && senders_.empty() && "vthreads: a channel ends while somebody waits");
}

ChannelStatus ChannelCore::wait(WaitQueue<ChannelRecord>& queue, void* place, Deadline deadline) {
  const WaitReason reason =
      &queue == &senders_ ? WaitReason::channel_send : WaitReason::channel_receive;
  std::unique_lock locked(
      guard_, std::adopt_lock);  // the first wait of a platform thread may throw bad_alloc
  ChannelWait wait(false);
  ChannelRecord record;
  record.wait = &wait;
  record.place = place;
  queue.push_back(record);
  locked.unlock();
  const WaitEnd end = await_grant(wait, deadline, OnStop::give_up, reason, [&] {
    const std::lock_guard lock(guard_);
    if (!record.queued) return false;
    queue.erase(record);
    return true;
  });
  if (!granted_or_throw(end)) return ChannelStatus::timeout;
  return record.closed ? ChannelStatus::closed : ChannelStatus::done;
}

void ChannelCore::close() {
  GrantList<ChannelRecord> all;
  lock();
  closed_ = true;
  for (WaitQueue<ChannelRecord>* const queue : {&receivers_, &senders_}) {
    while (ChannelRecord* const record = take(*queue)) {
      record->closed = true;
      all.add(*record);
    }
  }
  unlock();
  all.grant_each([](ChannelRecord& record) { grant(*record.wait); });
}

bool ChannelCore::is_closed() {
  const std::lock_guard lock(guard_);
  return closed_;
}

std::size_t ChannelCore::count() {
  const std::lock_guard lock(guard_);
  return count_;
}

}  // namespace vthreads::detail
