#include "lab/peer.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <system_error>

namespace vtlab::lab {
namespace {

constexpr std::size_t kConnectionsPerMessage =
    64;  // far below SCM_MAX_FD (253), also with two descriptors each: both ends are ours meanwhile

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

struct Pair {
  Fd first, second;
};

Pair sockets() {
  int pair[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0) throw_errno("socketpair");
  return {Fd(pair[0]), Fd(pair[1])};
}

Pair pipe_ends() {
  int pair[2];
  if (pipe2(pair, O_CLOEXEC) != 0) throw_errno("pipe2");
  return {Fd(pair[0]), Fd(pair[1])};
}

// A write to a pipe that nobody reads any more is an error of that unit, not the end of vtlab.
void block_sigpipe() {
  sigset_t broken;
  sigemptyset(&broken);
  sigaddset(&broken, SIGPIPE);
  pthread_sigmask(SIG_BLOCK, &broken, nullptr);
}

}  // namespace

void throw_errno(const char* what) {
  throw std::system_error(errno, std::generic_category(), what);
}

void Peer::watch(int epoll, int fd, std::uint32_t tag) {
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.u32 = tag;
  if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) != 0) throw_errno("epoll_ctl");
}

void Peer::Channel::close() {
  in.reset();
  out.reset();
}

Peer::Peer(std::uint32_t connections, Over over)
    : connections_(connections), over_(over), stop_(eventfd(0, EFD_CLOEXEC)) {
  if (!stop_) throw_errno("eventfd");
  Pair ends = sockets();
  hand_over_peer_ = std::move(ends.first);
  hand_over_child_ = std::move(ends.second);
}

void Peer::start() {
  thread_ = std::thread([this] { run(); });
}

void Peer::stop() {
  const std::uint64_t one = 1;
  static_cast<void>(!write(stop_.get(), &one, sizeof(one)));
  // Unblocks a hand-over to a program that does not receive.
  shutdown(hand_over_peer_.get(), SHUT_RDWR);
  thread_.join();
}

void Peer::run() {
  block_sigpipe();
  try {
    hand_over();
    if (channels_.size() == connections_) serve();
  } catch (const std::system_error& error) {
    const std::lock_guard lock(mutex_);
    problem_ = std::string("the other end, outside the workload: ") + error.what();
  }
  channels_.clear();
  // End of file for a program that still waits for connections. Not closed: stop() uses it too.
  shutdown(hand_over_peer_.get(), SHUT_RDWR);
}

void Peer::hand_over() {
  while (channels_.size() < connections_) {
    std::vector<Fd> batch;
    const std::size_t wanted = std::min(kConnectionsPerMessage, connections_ - channels_.size());
    for (std::size_t i = 0; i < wanted; ++i) {
      if (over_ == Over::pipe) {
        Pair answers = pipe_ends(), requests = pipe_ends();
        channels_.push_back({std::move(requests.first), std::move(answers.second)});
        batch.push_back(std::move(answers.first));
        batch.push_back(std::move(requests.second));
      } else {
        Pair ends = sockets();
        channels_.push_back({std::move(ends.first), Fd()});
        batch.push_back(std::move(ends.second));
      }
    }
    if (!send_fds(hand_over_peer_.get(), batch)) throw_errno("sendmsg");
  }
}

std::string Peer::problem() const {
  const std::lock_guard lock(mutex_);
  return problem_;
}

}  // namespace vtlab::lab
