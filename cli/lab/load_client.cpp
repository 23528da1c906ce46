#include "lab/load_client.h"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

#include "scenarios/percentile.h"
#include "scenarios/unit_log.h"

namespace vtlab::lab {
namespace {

constexpr std::uint32_t kStop = UINT32_MAX, kBegin = UINT32_MAX - 1;
constexpr char kRequest[64] = "a request, which comes back as its own answer";

// One connection's place in its requests.
struct Dialogue {
  std::uint64_t sent_ns = 0;
  std::size_t missing = 0;  // bytes of the answer
  std::uint32_t left = 0;   // requests not yet sent
};

}  // namespace

LoadClient::LoadClient(std::uint32_t connections, std::uint32_t requests_per_connection,
                       HandOver hand_over)
    : Peer(connections, Over::socket, hand_over),
      requests_per_connection_(requests_per_connection),
      begin_(eventfd(0, EFD_CLOEXEC)) {
  if (!begin_) throw_errno("eventfd");
  start();
}

LoadClient::~LoadClient() {
  stop();
}

void LoadClient::begin() {
  const std::uint64_t one = 1;
  static_cast<void>(!write(begin_.get(), &one, sizeof(one)));
}

std::optional<LoadFacts> LoadClient::load() const {
  const std::lock_guard lock(mutex_);
  return load_;
}

void LoadClient::serve() {
  const Fd epoll(epoll_create1(EPOLL_CLOEXEC));
  if (!epoll) throw_errno("epoll_create1");
  watch(epoll.get(), stop_fd(), kStop);
  watch(epoll.get(), begin_.get(), kBegin);
  std::vector<Dialogue> dialogues(channels().size());
  std::vector<std::uint64_t> times;
  times.reserve(dialogues.size() * requests_per_connection_);
  std::size_t open = dialogues.size();
  std::uint64_t first_ns = 0, last_ns = 0;

  const auto ask = [&](std::uint32_t i) {
    Dialogue& d = dialogues[i];
    d.sent_ns = monotonic_ns();
    d.missing = sizeof(kRequest);
    --d.left;
    // A request fits into any socket's buffer; a unit that has gone is noticed at the next read.
    static_cast<void>(!send(channels()[i].sending(), kRequest, sizeof(kRequest), MSG_NOSIGNAL));
  };
  const auto publish = [&] {
    LoadFacts facts{times.size(), last_ns - std::min(first_ns, last_ns), 0, 0};
    if (!times.empty()) {
      facts.p50_ns = percentile(times, 0.50);
      facts.p99_ns = percentile(times, 0.99);
    }
    const std::lock_guard lock(mutex_);
    load_ = facts;
  };
  const auto end = [&](std::uint32_t i) {
    if (--open == 0)
      publish();            // before the last unit learns that it is over, and says so to vtlab
    channels()[i].close();  // which takes it out of epoll, too
  };
  const auto take_answer = [&](std::uint32_t i) {
    Dialogue& d = dialogues[i];
    char buffer[sizeof(kRequest)];
    const ssize_t got = recv(channels()[i].in.get(), buffer, sizeof(buffer), MSG_DONTWAIT);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (got <= 0 || static_cast<std::size_t>(got) > d.missing) return end(i);  // its unit has gone
    d.missing -= static_cast<std::size_t>(got);
    if (d.missing > 0) return;
    last_ns = monotonic_ns();
    times.push_back(last_ns - d.sent_ns);
    d.left > 0 ? ask(i) : end(i);
  };

  epoll_event events[256];
  for (;;) {
    const int ready = epoll_wait(epoll.get(), events, std::size(events), -1);
    if (ready < 0 && errno != EINTR) throw_errno("epoll_wait");
    for (int e = 0; e < ready; ++e) {
      const std::uint32_t tag = events[e].data.u32;
      if (tag == kStop) return;
      if (tag != kBegin) {
        take_answer(tag);
        continue;
      }
      epoll_ctl(epoll.get(), EPOLL_CTL_DEL, begin_.get(), nullptr);
      first_ns = monotonic_ns();
      for (std::uint32_t i = 0; i < dialogues.size(); ++i) {
        dialogues[i].left = requests_per_connection_;
        watch(epoll.get(), channels()[i].in.get(), i);
        ask(i);
      }
    }
  }
}

}  // namespace vtlab::lab
