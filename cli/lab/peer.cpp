#include "lab/peer.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/random.h>
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

// 128 random bits in hex.
std::string new_token() {
  unsigned char bytes[16];
  if (getrandom(bytes, sizeof(bytes), 0) != sizeof(bytes)) throw_errno("getrandom");
  std::string token;
  for (const unsigned char byte : bytes)
    for (const int digit : {byte >> 4, byte & 15}) token += "0123456789abcdef"[digit];
  return token;
}

// The first bytes of a connection are the token. A stranger is not waited for longer than a second.
bool knows(int connection, const std::string& token) {
  const timeval second{1, 0};
  setsockopt(connection, SOL_SOCKET, SO_RCVTIMEO, &second, sizeof(second));
  std::string said(token.size(), '\0');
  ssize_t got;
  do {
    got = recv(connection, said.data(), said.size(), MSG_WAITALL);
  } while (got < 0 && errno == EINTR);
  const timeval forever{};
  setsockopt(connection, SOL_SOCKET, SO_RCVTIMEO, &forever, sizeof(forever));
  return got == static_cast<ssize_t>(token.size()) && said == token;
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

Peer::Peer(std::uint32_t connections, Over over, HandOver hand_over)
    : connections_(connections), over_(over), stop_(eventfd(0, EFD_CLOEXEC)) {
  if (!stop_) throw_errno("eventfd");
  if (hand_over == HandOver::tcp) {
    listen_on_loopback();
    return;
  }
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
    if (listener_)
      accept_all();
    else
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

void Peer::listen_on_loopback() {
  listener_ = Fd(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!listener_) throw_errno("socket");
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  socklen_t size = sizeof(address);
  if (bind(listener_.get(), generic, size) != 0) throw_errno("bind");
  if (listen(listener_.get(), SOMAXCONN) != 0) throw_errno("listen");
  if (getsockname(listener_.get(), generic, &size) != 0) throw_errno("getsockname");
  token_ = new_token();
  Pair ends = pipe_ends();
  const std::string where = std::to_string(ntohs(address.sin_port)) + " " + token_ + "\n";
  if (write(ends.second.get(), where.data(), where.size()) < 0) throw_errno("write");
  hand_over_child_ = std::move(ends.first);
}

void Peer::accept_all() {
  while (channels_.size() < connections_) {
    pollfd fds[] = {{listener_.get(), POLLIN, 0}, {stop_.get(), POLLIN, 0}};
    if (poll(fds, 2, -1) < 0 && errno != EINTR) throw_errno("poll");
    if (fds[1].revents) return;
    if (!fds[0].revents) continue;
    Fd connection(accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
    if (!connection && (errno == EINTR || errno == ECONNABORTED)) continue;
    if (!connection) throw_errno("accept4");
    if (!knows(connection.get(), token_)) continue;
    const int at_once = 1;
    setsockopt(connection.get(), IPPROTO_TCP, TCP_NODELAY, &at_once, sizeof(at_once));
    channels_.push_back({std::move(connection), Fd()});
  }
  listener_.reset();
}

std::string Peer::problem() const {
  const std::lock_guard lock(mutex_);
  return problem_;
}

}  // namespace vtlab::lab
