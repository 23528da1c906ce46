// event_loop.cpp — one thread, epoll and callbacks: what a server does that has no kind of thread per request.
//
// Nothing waits but the thread itself, in epoll_pwait2(2), and only when there is nothing to call.
#include "scenarios/modes/event_loop.h"

#include <fcntl.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>
#include <vector>

#include "scenarios/claims/claims.h"
#include "scenarios/mode.h"
#include "scenarios/unit_log.h"

namespace vtlab {
namespace {

[[noreturn]] void fail(const char* what) {
  throw std::system_error(errno, std::generic_category(), what);
}

class EpollLoop final : public EventLoop {
 public:
  EpollLoop() : epoll_(epoll_create1(EPOLL_CLOEXEC)) {
    if (epoll_ < 0) fail("epoll_create1");
  }
  ~EpollLoop() override { close(epoll_); }

  void post(Callback callback) override { posted_.push_back(std::move(callback)); }

  void after(std::uint64_t ns, Callback callback) override {
    timers_.push_back({monotonic_ns() + ns, timers_made_++, std::move(callback)});
    std::push_heap(timers_.begin(), timers_.end(), later);
  }

  void readable(int fd, Callback callback) override {
    wait_for(fd, &Watched::reading, std::move(callback));
  }
  void writable(int fd, Callback callback) override {
    wait_for(fd, &Watched::writing, std::move(callback));
  }

  void run() override {
    while (!posted_.empty() || !timers_.empty() || waiting_ > 0) {
      std::vector<Callback> now;
      now.swap(posted_);  // what these post has its turn after the timers and descriptors
      for (Callback& callback : now) callback();
      take_events();
      take_timers();
    }
  }

 private:
  struct Timer {
    std::uint64_t at_ns;
    std::uint64_t number;  // of equal times, the one that was asked for first
    Callback callback;
  };
  static bool later(const Timer& a, const Timer& b) {
    return a.at_ns != b.at_ns ? a.at_ns > b.at_ns : a.number > b.number;
  }

  struct Watched {
    Callback reading, writing;
    bool known = false;  // epoll has it; it stays there, disarmed, when it has fired
  };
  using Events = std::array<epoll_event, 256>;

  void wait_for(int fd, Callback Watched::*direction, Callback callback) {
    if (fd < 0) throw std::system_error(EBADF, std::generic_category(), "epoll_ctl");
    const auto index = static_cast<std::size_t>(fd);
    if (index >= watched_.size()) watched_.resize(std::max(index + 1, 2 * watched_.size()));
    Watched& watched = watched_[index];
    watched.*direction = std::move(callback);
    if (arm(fd, watched)) {
      ++waiting_;
      return;
    }
    callback = std::move(watched.*direction);
    watched.*direction = nullptr;
    if (errno != EPERM) fail("epoll_ctl");
    post(std::move(callback));  // a regular file, of which epoll knows nothing: always ready
  }

  bool arm(int fd, Watched& watched) {
    epoll_event event{};
    event.events = EPOLLONESHOT | (watched.reading ? EPOLLIN | EPOLLRDHUP : 0u) |
                   (watched.writing ? std::uint32_t{EPOLLOUT} : 0u);
    event.data.fd = fd;
    if (watched.known && epoll_ctl(epoll_, EPOLL_CTL_MOD, fd, &event) == 0) return true;
    if (watched.known && errno != ENOENT) return false;  // else its number has a new file by now
    return watched.known = epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event) == 0;
  }

  void take_events() {
    Events events;
    const int count = wait(events);
    for (int i = 0; i < count; ++i) {
      const epoll_event& event = events[static_cast<std::size_t>(i)];
      const int fd = event.data.fd;
      // Moved out first: a callback may ask again, and make watched_ grow.
      Watched& watched = watched_[static_cast<std::size_t>(fd)];
      const bool both = (event.events & (EPOLLERR | EPOLLHUP)) != 0;
      Callback reading, writing;
      if (both || (event.events & (EPOLLIN | EPOLLRDHUP))) reading.swap(watched.reading);
      if (both || (event.events & EPOLLOUT)) writing.swap(watched.writing);
      if ((watched.reading || watched.writing) && !arm(fd, watched)) fail("epoll_ctl");
      waiting_ -= std::size_t{reading != nullptr} + std::size_t{writing != nullptr};
      if (reading) reading();
      if (writing) writing();
    }
  }

  // Waits only if there is nothing to call. epoll_pwait2 is in Linux 5.11; before that, milliseconds, rounded up.
  int wait(Events& events) const {
    const auto most = static_cast<int>(events.size());
    if (!posted_.empty()) return waiting_ > 0 ? epoll_wait(epoll_, events.data(), most, 0) : 0;
    if (timers_.empty()) return waiting_ > 0 ? epoll_wait(epoll_, events.data(), most, -1) : 0;
    constexpr std::uint64_t kSecond = 1'000'000'000u, kMillisecond = 1'000'000u;
    const std::uint64_t at = timers_.front().at_ns, now = monotonic_ns();
    const std::uint64_t left = at > now ? at - now : 0;
    const timespec timeout{static_cast<time_t>(left / kSecond), static_cast<long>(left % kSecond)};
    const int count = epoll_pwait2(epoll_, events.data(), most, &timeout, nullptr);
    if (count >= 0 || errno != ENOSYS) return count;
    return epoll_wait(epoll_, events.data(), most,
                      static_cast<int>((left + kMillisecond - 1) / kMillisecond));
  }

  // Those that are due now, and not those that their callbacks ask for, so that descriptors have their turn.
  void take_timers() {
    if (timers_.empty()) return;
    const std::uint64_t now = monotonic_ns();
    while (!timers_.empty() && timers_.front().at_ns <= now) {
      std::pop_heap(timers_.begin(), timers_.end(), later);
      const Callback callback = std::move(timers_.back().callback);
      timers_.pop_back();
      callback();
    }
  }

  const int epoll_;
  std::vector<Callback> posted_;
  std::vector<Timer> timers_;  // a heap, the earliest in front
  std::uint64_t timers_made_ = 0;
  std::vector<Watched> watched_;  // by descriptor
  std::size_t waiting_ = 0;       // callbacks in watched_
};

// A unit that does not wait is a callback; others ask event_loop() for what they wait for.
class EventLoopRuntime final : public Runtime {
 public:
  explicit EventLoopRuntime(const ActionBoard& board) : board_(board) {}

  void start(std::uint32_t unit, std::function<void()> body) override {
    const ActionScope scope(board_, Action::post_callback, unit);
    loop_.post(std::move(body));
  }
  void join_all() override { loop_.run(); }
  EventLoop* event_loop() override { return &loop_; }

 private:
  const ActionBoard& board_;
  EpollLoop loop_;
};

void prepare(int fd) {
  const int flags = fcntl(fd, F_GETFL);
  if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) != 0) fail("fcntl");
}

constexpr const Claim* kClaims[] = {&claims::exist_event_loop};

}  // namespace

extern const Mode mode_event_loop;
const Mode mode_event_loop{
    .name = "event-loop",
    .title = "one thread, epoll, callbacks",
    .lesson =
        "No unit has a stack: what it does next is a function, called by the one thread that waits "
        "for all.",
    .unit_action = Action::post_callback,
    // Of a unit: its callback, its place in the queue, and what it waits for.
    .needs =
        [](const Params& p) {
          return Needs{0, 0, std::uint64_t{p.tasks} * 512};
        },
    .make = [](const Params&, const ActionBoard& board) -> std::unique_ptr<Runtime> {
      return std::make_unique<EventLoopRuntime>(board);
    },
    .prepare = prepare,
    .claims = kClaims,
    .has_callbacks_only = true,
};

}  // namespace vtlab
