// io_uring_backend.cpp — readiness by io_uring(7), and transfers of regular files. liburing's only home.
//
// Owns      one ring, which all carriers share.
// Rule      A descriptor that is armed for good has one multishot poll per direction, one that is armed once a
//           single one. A multishot poll that ends (its completion lacks IORING_CQE_F_MORE: the carrier that
//           armed it has exited, or memory was short) is reported as disarmed, and whoever waits arms it anew.
// Rule      A poll holds the file, so close(2) alone would not end a connection. disarm() cancels; io::close()
//           sees to it.
// Rule      While somebody sleeps in wait_until(), take() leaves everything to that one: it is woken anyway, and
//           a call that take() took would be missing. A call that take() finds otherwise is kept in called_.
// Rule      No kernel thread for waiting: polls are never handed to the kernel's workers (io-wq), and SQPOLL is
//           not used. A transfer of a regular file that is not in the page cache is handed to them.
// Threads   mutex_ guards both queues; it is held over the submitting system call, never over the waiting one.
// Needs     Linux 5.19: multishot poll (88e41cf928a6, 5.13) and cancelling all that match (8e29da69fead, 5.19).
//           Found out by doing it, in the constructor.
// Rejected  IORING_SETUP_SINGLE_ISSUER and DEFER_TASKRUN: every carrier submits. COOP_TASKRUN: an event would
//           wait until the carrier that armed it enters the kernel by itself.
#include <liburing.h>
#include <poll.h>
#include <sched.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <mutex>
#include <string>
#include <system_error>
#include <utility>

#include "poll_backend.h"

namespace vthreads::detail {
namespace {

constexpr unsigned kSubmissions = 256;
constexpr unsigned kCompletions = 8192;
constexpr std::uint32_t kReadEvents = POLLIN | POLLRDHUP | POLLPRI;

// What comes back with a completion: for a poll, from the top: a one, the tag, the number, the direction (1 is
// writing); for a transfer, its address, which has no one at the top; or one of these.
constexpr std::uint64_t kPoll = std::uint64_t{1} << 63;
constexpr std::uint64_t kNothing = 0;
constexpr std::uint64_t kCall = 1;

std::uint64_t poll_data(const PollTarget& target, std::uint32_t direction) {
  return kPoll | std::uint64_t{target.tag} << 32 |
         std::uint64_t{static_cast<std::uint32_t>(target.fd)} << 1 |
         (direction == kWriting ? 1 : 0);
}

struct Completion {
  std::uint64_t data;
  int result;
  std::uint32_t flags;
};

[[noreturn]] void refuse(int error, const std::string& what) {
  std::string text = "vthreads: " + what;
  if (error == ENOSYS) text += " (the kernel has no io_uring)";
  if (error == EPERM) text += " (sysctl kernel.io_uring_disabled, or a seccomp filter)";
  throw std::system_error(error, std::generic_category(), text);
}

class IoUringBackend final : public PollBackend {
 public:
  IoUringBackend();
  ~IoUringBackend() override { io_uring_queue_exit(&ring_); }

  int arm(const PollTarget& target) override;
  void disarm(const PollTarget& target) override;
  void take(PollSink& sink) override;
  void wait_until(Deadline deadline, PollSink& sink) override;
  void call_back() override;
  bool start(FileTransfer& transfer) override;

 private:
  static constexpr std::size_t kAtOnce = 64;
  using Batch = std::array<Completion, kAtOnce>;

  void probe();
  int probe_with(int event);
  int await_one(int& result, std::uint32_t& flags);

  io_uring_sqe& next_submission();
  void submit();
  std::size_t collect(Batch& batch);
  void tell_all(bool from_wait, PollSink& sink);

  io_uring ring_{};
  std::mutex mutex_;
  bool sleeping_ = false;  // somebody is in wait_until()
  bool called_ = false;    // the next wait_until() shall return
};

// --- what the kernel must be able to do ----------------------------------------------------------

IoUringBackend::IoUringBackend() {
  io_uring_params params{};
  params.flags = IORING_SETUP_CQSIZE | IORING_SETUP_CLAMP;
  params.cq_entries = kCompletions;
  if (const int result = io_uring_queue_init_params(kSubmissions, &ring_, &params); result < 0)
    refuse(-result, "io_uring_setup");
  try {
    const std::uint32_t needed =
        IORING_FEAT_EXT_ARG | IORING_FEAT_NODROP | IORING_FEAT_RW_CUR_POS | IORING_FEAT_CQE_SKIP;
    if ((params.features & needed) != needed)
      refuse(EOPNOTSUPP, "io_uring is too old here (Linux 5.19 is needed)");
    probe();
  } catch (...) {
    io_uring_queue_exit(&ring_);
    throw;
  }
}

void IoUringBackend::probe() {
  const int event = ::eventfd(1, EFD_CLOEXEC | EFD_NONBLOCK);
  if (event < 0) refuse(errno, "eventfd");
  const int error = probe_with(event);
  ::close(event);
  if (error != 0)
    refuse(error, "io_uring cannot poll more than once, or cancel it (Linux 5.19 is needed)");
}

// A multishot poll that tells and stays, and a cancellation that finds it. 0 or an errno.
int IoUringBackend::probe_with(int event) {
  const PollTarget target{event, 0, kReading, 0, false};
  int result = arm(target);
  std::uint32_t flags = 0;
  if (result == 0) result = await_one(result, flags);
  if (result < 0) return -result;
  if ((flags & IORING_CQE_F_MORE) == 0) return EOPNOTSUPP;
  io_uring_sqe& sqe = next_submission();
  io_uring_prep_cancel64(&sqe, poll_data(target, kReading), IORING_ASYNC_CANCEL_ALL);
  sqe.user_data = kNothing;
  submit();
  // The cancellation and what it cancelled complete in no promised order.
  for (int i = 0; i < 2; ++i) {
    if (await_one(result, flags) < 0) return -result;
    if (result < 0 && result != -ECANCELED) return -result;
  }
  return 0;
}

int IoUringBackend::await_one(int& result, std::uint32_t& flags) {
  io_uring_cqe* completion = nullptr;
  result = io_uring_wait_cqe(&ring_, &completion);
  if (result < 0) return result;
  result = completion->res;
  flags = completion->flags;
  io_uring_cqe_seen(&ring_, completion);
  return result == -ECANCELED ? 0 : result;
}

// --- submitting: under the mutex ------------------------------------------------------------------

io_uring_sqe& IoUringBackend::next_submission() {
  for (;;) {
    if (io_uring_sqe* const sqe = io_uring_get_sqe(&ring_)) return *sqe;
    submit();
  }
}

// EAGAIN: the kernel has no memory for the requests at the moment. Nobody could do without them.
void IoUringBackend::submit() {
  while (io_uring_sq_ready(&ring_) != 0) {
    if (const int result = io_uring_submit(&ring_); result < 0 && result != -EINTR) ::sched_yield();
  }
}

int IoUringBackend::arm(const PollTarget& target) {
  const std::lock_guard lock(mutex_);
  for (const std::uint32_t direction : {kReading, kWriting}) {
    if ((target.directions & direction) == 0) continue;
    const std::uint32_t events = direction == kReading ? kReadEvents : std::uint32_t{POLLOUT};
    io_uring_sqe& sqe = next_submission();
    if (target.once) {
      io_uring_prep_poll_add(&sqe, target.fd, events);
    } else {
      io_uring_prep_poll_multishot(&sqe, target.fd, events);
    }
    sqe.user_data = poll_data(target, direction);
  }
  submit();
  return 0;  // what is wrong with the descriptor comes as a completion
}

void IoUringBackend::disarm(const PollTarget& target) {
  const std::lock_guard lock(mutex_);
  for (const std::uint32_t direction : {kReading, kWriting}) {
    if ((target.directions & direction) == 0) continue;
    io_uring_sqe& sqe = next_submission();
    io_uring_prep_cancel64(&sqe, poll_data(target, direction), IORING_ASYNC_CANCEL_ALL);
    sqe.flags |= IOSQE_CQE_SKIP_SUCCESS;
    sqe.user_data = kNothing;
  }
  submit();
}

bool IoUringBackend::start(FileTransfer& transfer) {
  const std::lock_guard lock(mutex_);
  io_uring_sqe& sqe = next_submission();
  const auto offset = static_cast<std::uint64_t>(transfer.offset);
  if (transfer.kind == FileTransfer::Kind::read) {
    io_uring_prep_read(&sqe, transfer.fd, transfer.buffer, transfer.bytes, offset);
  } else {
    io_uring_prep_write(&sqe, transfer.fd, transfer.buffer, transfer.bytes, offset);
  }
  sqe.user_data = reinterpret_cast<std::uintptr_t>(&transfer);
  submit();
  return true;
}

void IoUringBackend::call_back() {
  const std::lock_guard lock(mutex_);
  io_uring_sqe& sqe = next_submission();
  io_uring_prep_nop(&sqe);
  sqe.user_data = kCall;
  submit();
}

// --- completions ---------------------------------------------------------------------------------

// Under the mutex. Copies them, so that nothing is called with it.
std::size_t IoUringBackend::collect(Batch& batch) {
  std::array<io_uring_cqe*, kAtOnce> completions;
  const unsigned count = io_uring_peek_batch_cqe(&ring_, completions.data(), kAtOnce);
  for (unsigned i = 0; i < count; ++i)
    batch[i] = {completions[i]->user_data, completions[i]->res, completions[i]->flags};
  io_uring_cq_advance(&ring_, count);
  return count;
}

void tell(const Completion& completion, PollSink& sink) {
  if ((completion.data & kPoll) == 0) {
    auto& transfer = *reinterpret_cast<FileTransfer*>(completion.data);
    transfer.result = completion.result;
    sink.on_transfer(transfer);
    return;
  }
  const std::uint32_t direction = (completion.data & 1) != 0 ? kWriting : kReading;
  const int result = completion.result;
  const bool failed = result < 0 && result != -ECANCELED;
  sink.on_event({.fd = static_cast<int>(completion.data >> 1 & 0x7fffffffU),
                 .tag = static_cast<std::uint32_t>((completion.data & ~kPoll) >> 32),
                 .events = result > 0 ? static_cast<std::uint32_t>(result) : 0,
                 .disarmed = (completion.flags & IORING_CQE_F_MORE) != 0 ? 0 : direction,
                 .error = failed ? -result : 0});
}

void IoUringBackend::tell_all(bool from_wait, PollSink& sink) {
  for (;;) {
    Batch batch;
    std::size_t count = 0;
    {
      const std::lock_guard lock(mutex_);
      if (sleeping_) return;
      count = collect(batch);
      for (std::size_t i = 0; i < count; ++i)
        if (batch[i].data == kCall && !from_wait) called_ = true;
    }
    for (std::size_t i = 0; i < count; ++i)
      if (batch[i].data != kCall && batch[i].data != kNothing) tell(batch[i], sink);
    if (count < kAtOnce) return;
  }
}

void IoUringBackend::take(PollSink& sink) {
  tell_all(false, sink);
}

void IoUringBackend::wait_until(Deadline deadline, PollSink& sink) {
  {
    const std::lock_guard lock(mutex_);
    sleeping_ = !std::exchange(called_, false);
  }
  if (sleeping_) {  // only this thread writes it
    __kernel_timespec timeout{};
    if (deadline != kNever) {
      const auto left = std::max<std::chrono::nanoseconds>(
          deadline - std::chrono::steady_clock::now(), std::chrono::nanoseconds(0));
      const auto seconds = std::chrono::floor<std::chrono::seconds>(left);
      timeout.tv_sec = seconds.count();
      timeout.tv_nsec = (left - seconds).count();
    }
    io_uring_getevents_arg argument{};
    argument.ts = deadline == kNever ? 0 : reinterpret_cast<std::uintptr_t>(&timeout);
    io_uring_enter2(static_cast<unsigned>(ring_.ring_fd), 0, 1,
                    IORING_ENTER_GETEVENTS | IORING_ENTER_EXT_ARG,
                    reinterpret_cast<sigset_t*>(&argument), sizeof argument);
    const std::lock_guard lock(mutex_);
    sleeping_ = false;
  }
  tell_all(true, sink);
}

}  // namespace

std::unique_ptr<PollBackend> make_io_uring_backend() {
  return std::make_unique<IoUringBackend>();
}

}  // namespace vthreads::detail
