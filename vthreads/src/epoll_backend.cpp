// epoll_backend.cpp — readiness by epoll(7).
//
// Owns      the epoll descriptor, and an eventfd by which a carrier that blocks in wait_until() is called back.
// Rule      The kernel knows a registration by (open file, number). A number that was closed and reused is
//           unknown to it (ENOENT, so add), one that was prepared again is known (EEXIST, so modify).
//           Both ADD and MOD report at once what is ready (ep_insert and ep_modify in fs/eventpoll.c).
// Rule      Writing is armed only once somebody waits for it: a UNIX socket reports room after every read of
//           the peer, and each of those events would wake a carrier for nothing.
// Rule      Only the one carrier in wait_until() reads the eventfd. If take() did, it could take away the
//           call that was meant for the carrier that blocks.
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <system_error>

#include "futex.h"
#include "poll_backend.h"

namespace vthreads::detail {
namespace {

constexpr int kMostAtOnce = 256;

// In epoll_data: once at the top, then the tag, then the number.
constexpr std::uint64_t kOnce = std::uint64_t{1} << 63;

class EpollBackend final : public PollBackend {
 public:
  EpollBackend();
  ~EpollBackend() override { close_all(); }

  int arm(const PollTarget& target) override;
  void disarm(const PollTarget& target) override;
  void take(PollSink& sink) override;
  void wait_until(Deadline deadline, PollSink& sink) override;
  void call_back() override;
  bool start(FileTransfer&) override { return false; }

 private:
  using Raw = std::array<epoll_event, kMostAtOnce>;

  void close_all();
  int sleep_until(Deadline deadline, Raw& raw) const;
  bool tell(const Raw& raw, int count, PollSink& sink) const;

  int epoll_ = -1;
  int call_back_ = -1;
};

[[noreturn]] void throw_error(int error, const char* what) {
  throw std::system_error(error, std::generic_category(), what);
}

EpollBackend::EpollBackend() {
  epoll_ = ::epoll_create1(EPOLL_CLOEXEC);
  if (epoll_ < 0) throw_error(errno, "vthreads: epoll_create1");
  call_back_ = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.u64 = static_cast<std::uint32_t>(call_back_);
  if (call_back_ < 0 || ::epoll_ctl(epoll_, EPOLL_CTL_ADD, call_back_, &event) != 0) {
    const int error = errno;
    close_all();
    throw_error(error, "vthreads: eventfd");
  }
}

void EpollBackend::close_all() {
  if (call_back_ >= 0) ::close(call_back_);
  ::close(epoll_);
}

// Each of the two calls is the right one more often: a number is armed once per life, but once and again
// with `once`.
int EpollBackend::arm(const PollTarget& target) {
  const std::uint32_t directions = target.directions | target.armed;
  epoll_event event{};
  event.events = target.once ? EPOLLONESHOT : EPOLLET;
  if ((directions & kReading) != 0) event.events |= EPOLLIN | EPOLLRDHUP | EPOLLPRI;
  if ((directions & kWriting) != 0) event.events |= EPOLLOUT;
  event.data.u64 = (target.once ? kOnce : 0) | std::uint64_t{target.tag} << 32 |
                   static_cast<std::uint32_t>(target.fd);
  const bool known = target.once || target.armed != 0;
  const int first = known ? EPOLL_CTL_MOD : EPOLL_CTL_ADD;
  const int other = known ? EPOLL_CTL_ADD : EPOLL_CTL_MOD;
  if (::epoll_ctl(epoll_, first, target.fd, &event) == 0) return 0;
  if (errno != (known ? ENOENT : EEXIST)) return errno;
  return ::epoll_ctl(epoll_, other, target.fd, &event) == 0 ? 0 : errno;
}

// The kernel forgets a file when its last descriptor is closed; this is for files that have others (dup,
// fork). What waits once is disarmed by its next event.
void EpollBackend::disarm(const PollTarget& target) {
  if (target.once) return;
  epoll_event unused{};
  ::epoll_ctl(epoll_, EPOLL_CTL_DEL, target.fd, &unused);
}

// True if the eventfd was among them.
bool EpollBackend::tell(const Raw& raw, int count, PollSink& sink) const {
  bool called = false;
  for (int i = 0; i < count; ++i) {
    const std::uint64_t data = raw[static_cast<std::size_t>(i)].data.u64;
    const int fd = static_cast<int>(data & 0xffffffffU);
    if (fd == call_back_) {
      called = true;
      continue;
    }
    sink.on_event({.fd = fd,
                   .tag = static_cast<std::uint32_t>((data & ~kOnce) >> 32),
                   .events = raw[static_cast<std::size_t>(i)].events,
                   .disarmed = (data & kOnce) != 0 ? kBothWays : 0});
  }
  return called;
}

void EpollBackend::take(PollSink& sink) {
  Raw raw;
  tell(raw, ::epoll_wait(epoll_, raw.data(), kMostAtOnce, 0), sink);
}

// epoll_pwait2 (nanoseconds) is in Linux 5.11 (58169a52ebc9); before that, milliseconds, rounded up so that
// no deadline is found too early again and again.
int EpollBackend::sleep_until(Deadline deadline, Raw& raw) const {
  if (deadline == kNever) return ::epoll_wait(epoll_, raw.data(), kMostAtOnce, -1);
  const auto left =
      std::max(deadline - std::chrono::steady_clock::now(), std::chrono::nanoseconds(0));
  const timespec timeout = to_timespec(left);
  const int count = ::epoll_pwait2(epoll_, raw.data(), kMostAtOnce, &timeout, nullptr);
  if (count >= 0 || errno != ENOSYS) return count;
  const auto ms = std::min(std::chrono::ceil<std::chrono::milliseconds>(left),
                           std::chrono::milliseconds(1 << 30));
  return ::epoll_wait(epoll_, raw.data(), kMostAtOnce, static_cast<int>(ms.count()));
}

void EpollBackend::wait_until(Deadline deadline, PollSink& sink) {
  Raw raw;
  const int count = sleep_until(deadline, raw);
  if (!tell(raw, count, sink)) return;
  std::uint64_t calls;
  [[maybe_unused]] const auto bytes = ::read(call_back_, &calls, sizeof calls);
}

void EpollBackend::call_back() {
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto bytes = ::write(call_back_, &one, sizeof one);
}

}  // namespace

std::unique_ptr<PollBackend> make_epoll_backend() {
  return std::make_unique<EpollBackend>();
}

}  // namespace vthreads::detail
