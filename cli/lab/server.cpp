#include "lab/server.h"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/timerfd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <deque>
#include <system_error>

#include "scenarios/unit_log.h"

namespace vtlab::lab {
namespace {

constexpr std::uint32_t kStop = UINT32_MAX, kTimer = UINT32_MAX - 1;
constexpr std::size_t kFdsPerMessage =
    64;  // far below SCM_MAX_FD (253): both ends are ours meanwhile

[[noreturn]] void fail(const char* what) {
  throw std::system_error(errno, std::generic_category(), what);
}

void watch(int epoll, int fd, std::uint32_t tag) {
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.u32 = tag;
  if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) != 0) fail("epoll_ctl");
}

void set_timer(int timer, std::uint64_t at_ns) {
  itimerspec when{};
  when.it_value.tv_sec = static_cast<time_t>(at_ns / 1'000'000'000u);
  when.it_value.tv_nsec = static_cast<long>(at_ns % 1'000'000'000u);
  timerfd_settime(timer, TFD_TIMER_ABSTIME, &when, nullptr);
}

// False if the other side has gone.
bool send_fds(int socket, const std::vector<Fd>& fds) {
  char byte = 'c';
  iovec data{&byte, 1};
  std::vector<char> control(CMSG_SPACE(fds.size() * sizeof(int)));
  msghdr message{};
  message.msg_iov = &data;
  message.msg_iovlen = 1;
  message.msg_control = control.data();
  message.msg_controllen = control.size();
  cmsghdr* header = CMSG_FIRSTHDR(&message);
  header->cmsg_level = SOL_SOCKET;
  header->cmsg_type = SCM_RIGHTS;
  header->cmsg_len = CMSG_LEN(fds.size() * sizeof(int));
  for (std::size_t i = 0; i < fds.size(); ++i) {
    const int fd = fds[i].get();
    std::memcpy(CMSG_DATA(header) + i * sizeof(int), &fd, sizeof(int));
  }
  ssize_t sent;
  do {
    sent = sendmsg(socket, &message, MSG_NOSIGNAL);
  } while (sent < 0 && errno == EINTR);
  return sent == 1;
}

}  // namespace

DelayServer::DelayServer(std::uint32_t connections, std::uint32_t waiting_at_once,
                         std::uint64_t delay_ns)
    : connections_(connections),
      waiting_at_once_(waiting_at_once),
      delay_ns_(delay_ns),
      full_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
      stop_(eventfd(0, EFD_CLOEXEC)) {
  int pair[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0) fail("socketpair");
  hand_over_server_ = Fd(pair[0]);
  hand_over_child_ = Fd(pair[1]);
  if (!full_ || !stop_) fail("eventfd");
  thread_ = std::thread([this] { run(); });
}

DelayServer::~DelayServer() {
  const std::uint64_t one = 1;
  static_cast<void>(!write(stop_.get(), &one, sizeof(one)));
  // Unblocks a hand-over to a program that does not receive.
  shutdown(hand_over_server_.get(), SHUT_RDWR);
  thread_.join();
}

void DelayServer::run() {
  try {
    hand_over();
    if (clients_.size() == connections_) serve();
  } catch (const std::system_error& error) {
    const std::lock_guard lock(mutex_);
    problem_ = std::string("the server outside the workload: ") + error.what();
  }
  clients_.clear();
  // End of file for a program that still waits for connections. Not closed: the destructor uses it too.
  shutdown(hand_over_server_.get(), SHUT_RDWR);
}

void DelayServer::hand_over() {
  while (clients_.size() < connections_) {
    std::vector<Fd> batch;
    const std::size_t wanted = std::min(kFdsPerMessage, connections_ - clients_.size());
    for (std::size_t i = 0; i < wanted; ++i) {
      int pair[2];
      if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0) fail("socketpair");
      clients_.emplace_back(pair[0]);
      batch.emplace_back(pair[1]);
    }
    if (!send_fds(hand_over_server_.get(), batch)) fail("sendmsg");
  }
}

std::string DelayServer::problem() const {
  const std::lock_guard lock(mutex_);
  return problem_;
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
  if (!epoll || !timer) fail("epoll_create1");
  watch(epoll.get(), stop_.get(), kStop);
  watch(epoll.get(), timer.get(), kTimer);
  for (std::uint32_t i = 0; i < connections_; ++i) watch(epoll.get(), clients_[i].get(), i);

  epoll_event events[256];
  for (;;) {
    const int ready = epoll_wait(epoll.get(), events, std::size(events), -1);
    if (ready < 0 && errno != EINTR) fail("epoll_wait");
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
      if (::read(clients_[client].get(), &byte, 1) != 1) {  // its unit has gone
        epoll_ctl(epoll.get(), EPOLL_CTL_DEL, clients_[client].get(), nullptr);
        continue;
      }
      waiting.push_back({monotonic_ns() + delay_ns_, client});
    }
    const auto now_waiting = static_cast<std::uint32_t>(waiting.size());
    if (now_waiting > most_waiting()) most_waiting_.store(now_waiting, std::memory_order_relaxed);
    if (now_waiting >= waiting_at_once_) signal_full();
    if (!waiting.empty() && waiting.front().at_ns <= monotonic_ns()) signal_full();
    while (!waiting.empty() && waiting.front().at_ns <= monotonic_ns()) {
      const char byte = 'a';
      static_cast<void>(!send(clients_[waiting.front().client].get(), &byte, 1, MSG_NOSIGNAL));
      waiting.pop_front();
    }
    // Armed after every look, not only for a new front: a timer that fired a moment before the front
    // was due must not have been the last one.
    if (!waiting.empty()) set_timer(timer.get(), waiting.front().at_ns);
  }
}

}  // namespace vtlab::lab
