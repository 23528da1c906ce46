#include "poller.h"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <system_error>

#include "carrier_switch.h"
#include "timers.h"

namespace vthreads::detail {
namespace {

constexpr int kEventsAtOnce = 64;

// Waits for events until the deadline. epoll_pwait2 (nanoseconds) is in Linux 5.11 (58169a52ebc9);
// before that, milliseconds, rounded up so that no deadline is found too early again and again.
int epoll_wait_until(int epoll, epoll_event* events, Deadline deadline) {
  if (deadline == kNever) return ::epoll_wait(epoll, events, kEventsAtOnce, -1);
  const auto left =
      std::max(deadline - std::chrono::steady_clock::now(), std::chrono::nanoseconds(0));
  const timespec timeout = to_timespec(left);
  const int count = ::epoll_pwait2(epoll, events, kEventsAtOnce, &timeout, nullptr);
  if (count >= 0 || errno != ENOSYS) return count;
  const auto ms = std::min(std::chrono::ceil<std::chrono::milliseconds>(left),
                           std::chrono::milliseconds(1 << 30));
  return ::epoll_wait(epoll, events, kEventsAtOnce, static_cast<int>(ms.count()));
}

[[noreturn]] void throw_errno(const char* what) {
  throw std::system_error(errno, std::generic_category(), what);
}

}  // namespace

Poller::Poller() {
  epoll_ = ::epoll_create1(EPOLL_CLOEXEC);
  if (epoll_ < 0) throw_errno("vthreads: epoll_create1");
  call_back_ = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.fd = call_back_;
  if (call_back_ < 0 || ::epoll_ctl(epoll_, EPOLL_CTL_ADD, call_back_, &event) != 0) {
    const int error = errno;
    close_all();
    errno = error;
    throw_errno("vthreads: eventfd");
  }
}

Poller::~Poller() {
  close_all();
}

void Poller::close_all() {
  if (call_back_ >= 0) ::close(call_back_);
  ::close(epoll_);
}

void Poller::wait(int fd, Direction direction) {
  ControlBlock& self = *current_vthread();
  Waiter waiter{self};
  {
    const std::lock_guard lock(mutex_);
    const auto index = static_cast<std::size_t>(fd);
    if (index >= entries_.size()) entries_.resize(std::max(index + 1, entries_.size() * 2));
    Entry& entry = entries_[index];
    Waiters& waiters = direction == Direction::read ? entry.readers : entry.writers;
    const Waiters before = waiters;
    (waiters.first == nullptr ? waiters.first : waiters.last->next) = &waiter;
    waiters.last = &waiter;
    if (const int error = arm(fd, entry); error != 0) {
      waiters = before;
      if (waiters.first != nullptr) waiters.last->next = nullptr;
      if (error == EPERM) return;  // a regular file or the like, which is always ready
      throw std::system_error(error, std::generic_category(), "vthreads: wait for a descriptor");
    }
    waiting_.fetch_add(1, std::memory_order_relaxed);
  }
  while (!waiter.over.load(std::memory_order_acquire)) self.await(kNever);
}

int Poller::arm(int fd, const Entry& entry) {
  epoll_event event{};
  event.events = EPOLLONESHOT;
  if (entry.readers.first != nullptr) event.events |= EPOLLIN | EPOLLRDHUP;
  if (entry.writers.first != nullptr) event.events |= EPOLLOUT;
  event.data.fd = fd;
  if (::epoll_ctl(epoll_, EPOLL_CTL_MOD, fd, &event) == 0) return 0;
  if (errno != ENOENT) return errno;
  return ::epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event) == 0 ? 0 : errno;
}

void Poller::poll_now(VThreadList& runnable) {
  if (nobody_waits()) return;
  std::array<epoll_event, kEventsAtOnce> events;
  dispatch_all(events.data(), ::epoll_wait(epoll_, events.data(), kEventsAtOnce, 0), runnable);
}

void Poller::poll_until(Deadline deadline, VThreadList& runnable) {
  std::array<epoll_event, kEventsAtOnce> events;
  const int count = epoll_wait_until(epoll_, events.data(), deadline);
  for (int i = 0; i < count; ++i) {
    if (events[static_cast<std::size_t>(i)].data.fd != call_back_) continue;
    std::uint64_t calls;
    [[maybe_unused]] const auto bytes = ::read(call_back_, &calls, sizeof calls);
  }
  dispatch_all(events.data(), count, runnable);
}

void Poller::call_back() {
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto bytes = ::write(call_back_, &one, sizeof one);
}

void Poller::dispatch_all(const epoll_event* events, int count, VThreadList& runnable) {
  if (count <= 0) return;
  const std::lock_guard lock(mutex_);
  for (int i = 0; i < count; ++i) {
    if (events[i].data.fd != call_back_) dispatch(events[i], runnable);
  }
}

void Poller::dispatch(const epoll_event& event, VThreadList& runnable) {
  Entry& entry = entries_[static_cast<std::size_t>(event.data.fd)];
  const bool broken = (event.events & (EPOLLERR | EPOLLHUP)) != 0;
  if (broken || (event.events & (EPOLLIN | EPOLLRDHUP)) != 0)
    release(entry.readers, broken, runnable);
  if (broken || (event.events & EPOLLOUT) != 0) release(entry.writers, broken, runnable);
  if (entry.readers.first == nullptr && entry.writers.first == nullptr) return;
  if (arm(event.data.fd, entry) == 0) return;
  release(entry.readers, true, runnable);  // closed meanwhile: let them find out
  release(entry.writers, true, runnable);
}

void Poller::release(Waiters& waiters, bool all, VThreadList& runnable) {
  while (waiters.first != nullptr) {
    ControlBlock& vthread = waiters.first->vthread;
    std::atomic<bool>& over = waiters.first->over;
    waiters.first = waiters.first->next;  // before the signal: then the Waiter is gone
    waiting_.fetch_sub(1, std::memory_order_relaxed);
    over.store(true, std::memory_order_release);
    if (vthread.wake()) runnable.push_back(vthread);
    if (!all) return;
  }
}

}  // namespace vthreads::detail
