#include "lab/server.h"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <cerrno>
#include <deque>
#include <system_error>

#include "scenarios/unit_log.h"

namespace vtlab::lab {
namespace {

constexpr std::uint32_t kStop = UINT32_MAX, kTimer = UINT32_MAX - 1;

void set_timer(int timer, std::uint64_t at_ns) {
  itimerspec when{};
  when.it_value.tv_sec = static_cast<time_t>(at_ns / 1'000'000'000u);
  when.it_value.tv_nsec = static_cast<long>(at_ns % 1'000'000'000u);
  timerfd_settime(timer, TFD_TIMER_ABSTIME, &when, nullptr);
}

}  // namespace

DelayServer::DelayServer(std::uint32_t connections, std::uint32_t waiting_at_once,
                         std::uint64_t delay_ns, Over over, HandOver hand_over)
    : Peer(connections, over, hand_over),
      waiting_at_once_(waiting_at_once),
      delay_ns_(delay_ns),
      full_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  if (!full_) throw_errno("eventfd");
  start();
}

DelayServer::~DelayServer() {
  stop();
}

void DelayServer::signal_full() {
  if (full_signalled_) return;
  full_signalled_ = true;
  const std::uint64_t one = 1;
  static_cast<void>(!write(full_.get(), &one, sizeof(one)));
}

void DelayServer::serve() {
  struct Due {
    std::uint64_t at_ns;
    std::uint32_t client;
  };
  std::deque<Due> waiting;  // one delay for all, so the oldest request is always due first
  const Fd epoll(epoll_create1(EPOLL_CLOEXEC));
  const Fd timer(timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK));
  if (!epoll || !timer) throw_errno("epoll_create1");
  watch(epoll.get(), stop_fd(), kStop);
  watch(epoll.get(), timer.get(), kTimer);
  for (std::uint32_t i = 0; i < channels().size(); ++i)
    watch(epoll.get(), channels()[i].in.get(), i);

  epoll_event events[256];
  for (;;) {
    const int ready = epoll_wait(epoll.get(), events, std::size(events), -1);
    if (ready < 0 && errno != EINTR) throw_errno("epoll_wait");
    for (int i = 0; i < ready; ++i) {
      const std::uint32_t client = events[i].data.u32;
      if (client == kStop) return;
      if (client == kTimer) {
        std::uint64_t expirations;
        static_cast<void>(
            !::read(timer.get(), &expirations, sizeof(expirations)));  // else it stays readable
        continue;
      }
      char byte;
      if (::read(channels()[client].in.get(), &byte, 1) != 1) {  // its unit has gone
        epoll_ctl(epoll.get(), EPOLL_CTL_DEL, channels()[client].in.get(), nullptr);
        continue;
      }
      waiting.push_back({monotonic_ns() + delay_ns_, client});
    }
    const auto now_waiting = static_cast<std::uint32_t>(waiting.size());
    if (now_waiting > most_waiting_.load(std::memory_order_relaxed))
      most_waiting_.store(now_waiting, std::memory_order_relaxed);
    if (now_waiting >= waiting_at_once_) signal_full();
    if (!waiting.empty() && waiting.front().at_ns <= monotonic_ns()) signal_full();
    while (!waiting.empty() && waiting.front().at_ns <= monotonic_ns()) {
      const char byte = 'a';
      static_cast<void>(!write(channels()[waiting.front().client].sending(), &byte, 1));
      waiting.pop_front();
    }
    // Armed after every look, not only for a new front: a timer that fired a moment before the front
    // was due must not have been the last one.
    if (!waiting.empty()) set_timer(timer.get(), waiting.front().at_ns);
  }
}

}  // namespace vtlab::lab
