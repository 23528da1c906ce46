// What a vthread that waits is said to wait for: one wait of each kind.
#include <fcntl.h>
#include <unistd.h>

#include <cstdlib>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "support/require.h"
#include "support/vthreads_io.h"
#include "vthreads/channel.h"
#include "vthreads/condition_variable.h"
#include "vthreads/event_log.h"
#include "vthreads/latch.h"
#include "vthreads/mutex.h"
#include "vthreads/scope.h"
#include "vthreads/select.h"
#include "vthreads/semaphore.h"
#include "vthreads/shared_mutex.h"
#include "vthreads/wait_group.h"

namespace vthreads {
namespace {

using namespace std::chrono_literals;

// The waits end by a stop, so what they wait for need never happen.
void check_reason(Scheduler& scheduler, WaitReason reason, std::function<void()> wait) {
  VThread waits = scheduler.start(std::move(wait));
  test::wait_until([&] { return waits.state() == State::parked || waits.state() == State::done; });
  CHECK(name_of(waits.wait_reason()) == name_of(reason));
  CHECK(waits.state() == State::parked);
  waits.request_stop();
  waits.join();
}

}  // namespace

TEST_CASE("a vthread says which primitive it waits for", "[vthreads][events]") {
  Scheduler scheduler;
  const auto check = [&](WaitReason reason, std::function<void()> wait) {
    check_reason(scheduler, reason, std::move(wait));
  };
  check(WaitReason::park, [] { this_vthread::park(); });
  check(WaitReason::park, [] { this_vthread::park_for(1h); });
  check(WaitReason::sleep, [] { this_vthread::sleep_for(1h); });

  VThread other = scheduler.start([] { this_vthread::park(); });
  check(WaitReason::join, [&] { other.join(); });
  check(WaitReason::scope, [&] {
    Scope scope;
    scope.start([] { this_vthread::park(); });
    scope.join();
  });
  other.request_stop();
  other.join();

  Mutex mutex;
  {
    const std::lock_guard lock(mutex);
    check(WaitReason::mutex, [&] { mutex.lock_interruptibly(); });
  }
  ConditionVariable condition;
  check(WaitReason::condition_variable, [&] {
    std::unique_lock lock(mutex);
    condition.wait(lock);
  });
  SharedMutex shared;
  shared.lock();
  check(WaitReason::shared_mutex, [&] { shared.lock_interruptibly(); });
  check(WaitReason::shared_mutex, [&] { shared.lock_shared_interruptibly(); });
  shared.unlock();
  Semaphore semaphore(0);
  check(WaitReason::semaphore, [&] { semaphore.acquire(); });
  Latch latch(1);
  check(WaitReason::latch, [&] { latch.wait(); });
  WaitGroup group;
  group.add(1);
  check(WaitReason::wait_group, [&] { group.wait(); });

  Channel<int> channel(0);
  check(WaitReason::channel_send, [&] { channel.send(1); });
  check(WaitReason::channel_receive, [&] { channel.recv(); });
  check(WaitReason::select, [&] {
    std::optional<int> got;
    select(on_recv(channel, got));
  });
}

TEST_CASE("a vthread says which kind of io it waits for", "[vthreads][events][io]") {
  for (const Config& config : test::io_configs()) {
    CAPTURE(config.carriers, config.poller == Config::Poller::io_uring);
    Scheduler scheduler(config);
    const auto check = [&](WaitReason reason, std::function<void()> wait) {
      check_reason(scheduler, reason, std::move(wait));
    };
    test::Pair pair;
    char byte = 0;
    check(WaitReason::io_read, [&] { io::read(pair[0], &byte, 1); });
    check(WaitReason::io_poll, [&] { io::wait_readable(pair[0]); });
    test::Pair::fill(pair[0]);
    check(WaitReason::io_write, [&] { io::write(pair[0], &byte, 1); });

    const test::Listener listener;
    check(WaitReason::io_accept, [&] { io::accept(listener.fd); });

    // One connection fits into a backlog of 0; the kernel does not answer further ones.
    const test::Bound full(SOCK_STREAM);
    REQUIRE(::listen(full.fd, 0) == 0);
    const auto connect = [&](int fd) {
      return io::connect(fd, test::as_sockaddr(full.address), sizeof full.address);
    };
    const test::Fd first(io::socket(AF_INET, SOCK_STREAM, 0)),
        second(io::socket(AF_INET, SOCK_STREAM, 0));
    REQUIRE(connect(first) == 0);
    check(WaitReason::io_connect, [&] { connect(second); });
  }
}

TEST_CASE("a read of a regular file that the kernel does says so", "[vthreads][events][io]") {
  VTLAB_NEEDS(test::io_uring_is_missing_because().empty(), test::io_uring_is_missing_because());
  Config config;
  config.carriers = 1;
  config.poller = Config::Poller::io_uring;
  config.event_log = 1 << 10;
  Scheduler scheduler(config);
  const test::Fd file(::open("/proc/self/exe", O_RDONLY | O_CLOEXEC));
  io::prepare(file);
  char byte = 0;
  ssize_t got = 0;
  scheduler.start([&] { got = io::pread(file, &byte, 1, 0); }).join();
  CHECK(got == 1);
  bool parked = false, woken = false;
  for (const Event& event : scheduler.events().events) {
    parked |= event.kind == EventKind::park &&
              event.reason == static_cast<std::uint8_t>(WaitReason::file);
    woken |= event.kind == EventKind::unpark && reason_name_of(event) == "readiness" &&
             event.arg == static_cast<std::uint64_t>(static_cast<int>(file));
  }
  CHECK(parked);
  CHECK(woken);
}

}  // namespace vthreads
