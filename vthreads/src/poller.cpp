#include "poller.h"

#include <sys/epoll.h>

#include <algorithm>
#include <cerrno>
#include <shared_mutex>
#include <utility>
#include <vector>

#include "thread_core.h"

namespace vthreads::detail {
namespace {

// Every poller of the process, so that the end of a descriptor's life reaches them all.
struct Pollers {
  std::shared_mutex mutex;
  std::vector<Poller*> all;
};

Pollers& pollers() {
  static auto* const pollers = new Pollers;
  return *pollers;
}

// A transfer and who waits for it.
struct ParkedTransfer : FileTransfer {
  ParkedTransfer(const FileTransfer& transfer, ControlBlock& waits)
      : FileTransfer(transfer), vthread(waits) {}
  ControlBlock& vthread;
  SpinLock lock;
  bool is_over = false;
};

std::unique_ptr<PollBackend> make_backend(Config::Poller backend) {
  return backend == Config::Poller::io_uring ? make_io_uring_backend() : make_epoll_backend();
}

std::uint64_t events_of(std::uint64_t word) {
  return word / Descriptor::kOneEvent;
}

// A ring: the first's previous is the last.
void link(Waiter*& first, Waiter& waiter) {
  if (first == nullptr) {
    first = waiter.next = waiter.previous = &waiter;
    return;
  }
  waiter.next = first;
  waiter.previous = first->previous;
  first->previous->next = &waiter;
  first->previous = &waiter;
}

void unlink(Waiter*& first, Waiter& waiter) {
  if (waiter.next == &waiter) {
    first = nullptr;
    return;
  }
  waiter.previous->next = waiter.next;
  waiter.next->previous = waiter.previous;
  if (first == &waiter) first = waiter.next;
}

void end(Descriptor& descriptor, Waiter& waiter, Waited outcome, int error) {
  unlink(descriptor.waiters, waiter);
  waiter.is_over = true;
  waiter.outcome = outcome;
  waiter.error = error;
}

std::uint32_t wanted(const Descriptor& descriptor) {
  std::uint32_t directions = 0;
  if (const Waiter* waiter = descriptor.waiters) {
    do {
      directions |= waiter->directions;
      waiter = waiter->next;
    } while (waiter != descriptor.waiters);
  }
  return directions;
}

void count_event(Descriptor& descriptor, std::uint64_t bits) {
  std::uint64_t seen = descriptor.word.load(std::memory_order_relaxed);
  while (!descriptor.word.compare_exchange_weak(seen, (seen + Descriptor::kOneEvent) | bits,
                                                std::memory_order_acq_rel)) {
  }
}

std::uint32_t directions_of(std::uint32_t events) {
  std::uint32_t directions = 0;
  if ((events & (EPOLLIN | EPOLLPRI | EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0)
    directions |= kReading;
  if ((events & (EPOLLOUT | EPOLLHUP | EPOLLERR)) != 0) directions |= kWriting;
  return directions;
}

// What a failed arming means for those who wait: EPERM is epoll's word for "always ready".
Waited outcome_of(int error) {
  return error == EPERM ? Waited::ready : Waited::failed;
}

}  // namespace

class Poller::Dispatch final : public PollSink {
 public:
  Dispatch(Poller& poller, VThreadList& runnable) : poller_(poller), runnable_(runnable) {}

  void on_event(const PollEvent& event) override { poller_.dispatch(event, runnable_); }

  void on_transfer(FileTransfer& transfer) override {
    auto& parked = static_cast<ParkedTransfer&>(transfer);
    const std::lock_guard lock(parked.lock);
    parked.is_over = true;
    if (parked.vthread.wake({Actor::readiness, static_cast<std::uint64_t>(parked.fd)}))
      runnable_.push_back(parked.vthread);
  }

 private:
  Poller& poller_;
  VThreadList& runnable_;
};

Poller::Poller(Config::Poller backend) : backend_(make_backend(backend)) {
  const std::unique_lock lock(pollers().mutex);
  pollers().all.push_back(this);
}

Poller::~Poller() {
  const std::unique_lock lock(pollers().mutex);
  std::erase(pollers().all, this);
}

void forget_everywhere(int fd) {
  const std::shared_lock lock(pollers().mutex);
  for (Poller* const poller : pollers().all) poller->forget(fd);
}

// --- events --------------------------------------------------------------------------------------

void Poller::poll_now(VThreadList& runnable) {
  if (nobody_waits()) return;
  Dispatch sink(*this, runnable);
  backend_->take(sink);
}

void Poller::poll_until(Deadline deadline, VThreadList& runnable) {
  Dispatch sink(*this, runnable);
  backend_->wait_until(deadline, sink);
}

void Poller::dispatch(const PollEvent& event, VThreadList& runnable) {
  Descriptor* const found = descriptors_.find(event.fd);
  if (found == nullptr) return;
  Descriptor& descriptor = *found;
  Lock lock(descriptor.lock);
  const Life life = descriptor.life.load(std::memory_order_relaxed);
  if (life == Life() || life.tag() != event.tag) return;  // of a file that is gone

  const std::uint32_t directions = directions_of(event.events);
  const bool odd = (event.events & (EPOLLPRI | EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0;
  if (directions != 0) count_event(descriptor, directions | (odd ? Descriptor::kOdd : 0));
  set_armed(descriptor, descriptor.armed & ~event.disarmed);
  release(descriptor, event.fd, directions, Waited::ready, 0, runnable);
  int error = event.error;
  if (error == 0 && (wanted(descriptor) & ~descriptor.armed) != 0)
    error = arm(descriptor, event.fd, lock);
  if (error != 0) release(descriptor, event.fd, kBothWays, outcome_of(error), error, runnable);
}

// The one place that makes vthreads runnable while polling. Under the lock: once a Waiter says that it is over,
// its vthread may end as soon as it gets the lock, and the control block with it.
void Poller::release(Descriptor& descriptor, int fd, std::uint32_t directions, Waited outcome,
                     int error, VThreadList& runnable) {
  Waiter* waiter = descriptor.waiters;
  if (waiter == nullptr) return;
  Waiter* const last = waiter->previous;
  for (bool more = true; more;) {
    Waiter& present = *waiter;
    more = waiter != last;
    waiter = waiter->next;
    if ((present.directions & directions) == 0) continue;
    end(descriptor, present, outcome, error);
    if (present.vthread.wake({Actor::readiness, static_cast<std::uint64_t>(fd)}))
      runnable.push_back(present.vthread);
  }
}

// The same from outside of polling.
void Poller::wake_all(Descriptor& descriptor, Waited outcome, int error) {
  for (;;) {
    Waker waker;
    const std::lock_guard lock(descriptor.lock);  // let go of before the Waker wakes
    if (descriptor.waiters == nullptr) return;
    waker = Waker(descriptor.waiters->vthread);
    end(descriptor, *descriptor.waiters, outcome, error);
  }
}

// --- waiting -------------------------------------------------------------------------------------

Waited Poller::park(int fd, Life life, std::uint32_t directions, std::uint64_t seen,
                    Deadline deadline, WaitReason reason, int& error) {
  Descriptor& descriptor = at(fd);
  const bool once = !life.is_prepared();
  Waiter self{*current_vthread(), directions};

  Lock lock(descriptor.lock);
  if (life_of(fd) != life) return Waited::closed;
  if (descriptor.life.load(std::memory_order_relaxed) != life) {
    begin(descriptor, life);
    if (life_of(fd) != life) return Waited::closed;  // forget() may have missed what began just now
  }
  const bool armed = !once && (descriptor.armed & directions) == directions;
  if (armed && events_of(descriptor.word.load(std::memory_order_acquire)) != events_of(seen))
    return Waited::ready;

  link(descriptor.waiters, self);
  if (once) watched_.fetch_add(1, std::memory_order_relaxed);
  if (!armed) error = arm(descriptor, fd, lock);
  lock.unlock();
  if (error != 0) wake_all(descriptor, outcome_of(error), error);

  wait_over(descriptor, self, deadline, reason, lock);
  error = self.error;
  if (once) {
    watched_.fetch_sub(1, std::memory_order_relaxed);
    if (self.outcome == Waited::timed_out || self.outcome == Waited::stopped)
      disarm_once(descriptor, fd, lock);
  }
  return self.outcome;
}

// Returns with the lock: until then whoever ended the wait may not be done with the Waiter.
void Poller::wait_over(Descriptor& descriptor, Waiter& self, Deadline deadline, WaitReason reason,
                       Lock& lock) {
  for (;;) {
    const bool stop = stop_requested();
    const bool in_time = stop || await_signal(deadline, reason);
    lock.lock();
    if (self.is_over) return;
    if (stop || !in_time)
      return end(descriptor, self, stop ? Waited::stopped : Waited::timed_out, 0);
    lock.unlock();
  }
}

// A life in which nobody has waited here yet. The count goes on, so whoever tries on behalf of an older life,
// or before the arming, will not switch `ready` off for this one.
void Poller::begin(Descriptor& descriptor, Life life) {
  set_armed(descriptor, 0);
  count_event(descriptor, Descriptor::kReady);
  descriptor.word.fetch_and(~Descriptor::kOdd, std::memory_order_acq_rel);
  descriptor.life.store(life, std::memory_order_seq_cst);
}

void Poller::set_armed(Descriptor& descriptor, std::uint32_t directions) {
  if (descriptor.life.load(std::memory_order_relaxed).is_prepared()) {
    if (descriptor.armed == 0 && directions != 0) watched_.fetch_add(1, std::memory_order_relaxed);
    if (descriptor.armed != 0 && directions == 0) watched_.fetch_sub(1, std::memory_order_relaxed);
  }
  descriptor.armed = static_cast<std::uint8_t>(directions);
}

// Arms what those who wait want. With the lock, which it lets go of meanwhile; returns with it. An errno is for
// the caller to tell everybody who waits.
int Poller::arm(Descriptor& descriptor, int fd, Lock& lock) {
  if (descriptor.arming) {
    descriptor.arm_again = true;
    return 0;
  }
  int error = 0;
  descriptor.arming = true;
  do {
    descriptor.arm_again = false;
    const Life life = descriptor.life.load(std::memory_order_relaxed);
    const bool once = !life.is_prepared();
    const std::uint32_t armed = once ? 0 : descriptor.armed;
    const PollTarget target{fd, life.tag(), wanted(descriptor) & ~armed, armed, once};
    if (target.directions == 0) continue;
    set_armed(descriptor, descriptor.armed | target.directions);

    lock.unlock();
    error = backend_->arm(target);
    const bool is_current = life_of(fd) == life;
    if (error == 0 && !is_current) backend_->disarm(target);  // closed meanwhile: came too late
    lock.lock();

    if (descriptor.life.load(std::memory_order_relaxed) != life) {
      error = 0;  // not of those who wait now
    } else if (error != 0) {
      set_armed(descriptor, descriptor.armed & ~target.directions);
    }
  } while (descriptor.arm_again);
  descriptor.arming = false;
  return error;
}

// Nobody waits any more for what was armed once, and a backend may hold on to the file until it is told. With
// the lock; returns without.
void Poller::disarm_once(Descriptor& descriptor, int fd, Lock& lock) {
  const Life life = descriptor.life.load(std::memory_order_relaxed);
  const std::uint32_t unwanted = descriptor.armed & ~wanted(descriptor);
  if (unwanted == 0 || descriptor.arming || life.is_prepared()) return lock.unlock();
  set_armed(descriptor, descriptor.armed & ~unwanted);
  descriptor.arming = true;
  descriptor.arm_again = false;
  lock.unlock();
  backend_->disarm({fd, life.tag(), unwanted, 0, true});
  lock.lock();
  descriptor.arming = false;
  const int error = descriptor.arm_again ? arm(descriptor, fd, lock) : 0;
  lock.unlock();
  if (error != 0) wake_all(descriptor, outcome_of(error), error);
}

// Without the lock first, because accept() and close() come here every time. Against a wait that is just
// beginning: it writes `life` and then looks at life_of(); whoever ends a life changes that and then looks at
// `life`. All are sequentially consistent, so one of the two notices.
void Poller::forget(int fd) {
  Descriptor* const found = descriptors_.find(fd);
  if (found == nullptr || found->life.load(std::memory_order_seq_cst) == Life()) return;
  Descriptor& descriptor = *found;
  Lock lock(descriptor.lock);
  const Life life = descriptor.life.load(std::memory_order_relaxed);
  const PollTarget target{fd, life.tag(), descriptor.armed, 0, !life.is_prepared()};
  set_armed(descriptor, 0);
  descriptor.life.store(Life(), std::memory_order_seq_cst);
  lock.unlock();
  if (target.directions != 0) backend_->disarm(target);
  wake_all(descriptor, Waited::closed, 0);
}

std::optional<int> Poller::transfer(const FileTransfer& transfer) {
  ParkedTransfer parked(transfer, *current_vthread());
  watched_.fetch_add(1, std::memory_order_relaxed);
  const bool started = backend_->start(parked);
  for (bool is_over = !started; !is_over;) {
    await_signal(kNever, WaitReason::file);
    const std::lock_guard lock(parked.lock);
    is_over = parked.is_over;
  }
  watched_.fetch_sub(1, std::memory_order_relaxed);
  return started ? std::optional(parked.result) : std::nullopt;
}

}  // namespace vthreads::detail
