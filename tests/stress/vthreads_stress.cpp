// vthreads_stress.cpp — many vthreads doing what the runtime finds hardest, on every shape of
// scheduler.
//
// Each test ends when all its vthreads have finished, so a lost wake-up shows as a hang, and checks
// that none is alive. Sizes shrink under the sanitizers (support/vthreads_fixture.h).

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <stdexcept>
#include <system_error>
#include <thread>
#include <vector>

#include "support/catch.h"
#include "support/vthreads_fixture.h"
#include "vthreads/blocking.h"
#include "vthreads/io.h"

namespace vthreads {
namespace {

using namespace std::chrono_literals;
using test::sized;

// Runs `body(scheduler, random)` on every shape, and checks that it leaves nothing alive.
template <class Body>
void on_every_shape(Body body) {
  std::uint64_t seed = 1;
  for (const test::Shape shape : test::all_shapes()) {
    CAPTURE(shape, ++seed);
    Scheduler scheduler(shape.config(seed));
    test::Random random(seed);
    body(scheduler, random);
    CHECK(scheduler.stats().vthreads_alive == 0);
  }
}

void grow(Scheduler& scheduler, int depth, std::atomic<int>& leaves) {
  if (depth == 0) {
    ++leaves;
    return;
  }
  std::array<VThread, 3> children;
  for (VThread& child : children)
    child = scheduler.start([&, depth] { grow(scheduler, depth - 1, leaves); });
  for (VThread& child : children) child.join();
}

TEST_CASE("a tree of vthreads that start and join others is complete", "[vthreads][stress]") {
  const int depth = test::kThreadSanitizer ? 4 : 8;
  on_every_shape([&](Scheduler& scheduler, test::Random&) {
    int expected = 1;
    for (int i = 0; i < depth; ++i) expected *= 3;
    std::atomic<int> leaves{0};
    scheduler.start([&] { grow(scheduler, depth, leaves); }).join();
    CHECK(leaves == expected);
  });
}

TEST_CASE("vthreads that yield all the time all get on", "[vthreads][stress]") {
  on_every_shape([](Scheduler& scheduler, test::Random&) {
    const int turns = sized(1000);
    std::atomic<std::int64_t> sum{0};
    std::vector<VThread> vthreads;
    for (int i = 0; i < 200; ++i) {
      vthreads.push_back(scheduler.start([&] {
        for (int turn = 0; turn < turns; ++turn) {
          sum.fetch_add(1, std::memory_order_relaxed);
          this_vthread::yield();
        }
      }));
    }
    test::join_all(vthreads);
    CHECK(sum == 200 * turns);
  });
}

// A ball that goes to and fro: each side waits until it has it, gives it away and unparks the
// other.
class Table {
 public:
  void play(int side, int turns) {
    me_[side] = this_vthread::current();
    ready_.fetch_add(1);
    test::wait_until([&] { return ready_.load() == 2; });
    for (int turn = 0; turn < turns; ++turn) {
      while (ball_.load() != side) this_vthread::park();
      ball_.store(1 - side);
      me_[1 - side].unpark();
    }
  }

 private:
  VThreadRef me_[2];
  std::atomic<int> ready_{0};
  std::atomic<int> ball_{0};
};

TEST_CASE("vthreads play ping-pong by park and unpark, on whatever carriers",
          "[vthreads][stress]") {
  on_every_shape([](Scheduler& scheduler, test::Random&) {
    const int turns = sized(2000);
    std::vector<Table> tables(10);
    std::vector<VThread> players;
    for (Table& table : tables) {
      players.push_back(scheduler.start([&] { table.play(0, turns); }));
      players.push_back(scheduler.start([&] { table.play(1, turns); }));
    }
    test::join_all(players);
  });
}

TEST_CASE("a platform thread plays ping-pong with a vthread", "[vthreads][stress]") {
  on_every_shape([](Scheduler& scheduler, test::Random&) {
    const int turns = sized(3000);
    std::vector<Table> tables(2);
    std::vector<VThread> players;
    std::vector<std::thread> platform;
    for (Table& table : tables) {
      players.push_back(scheduler.start([&] { table.play(0, turns); }));
      platform.emplace_back([&] { table.play(1, turns); });
    }
    test::join_all(players);
    for (std::thread& thread : platform) thread.join();
  });
}

TEST_CASE("every unpark is seen, whoever gives it and whenever it comes", "[vthreads][stress]") {
  on_every_shape([](Scheduler& scheduler, test::Random& random) {
    const int rounds = sized(300);
    constexpr int kVthreads = 20;
    // Each waits for its own number to rise; vthreads and a platform thread raise numbers at
    // random.
    std::array<std::atomic<int>, kVthreads> number{};
    std::vector<VThread> waiters;
    for (std::size_t i = 0; i < kVthreads; ++i) {
      waiters.push_back(scheduler.start([&, i] {
        for (int seen = 0; seen < 2 * rounds;) {
          this_vthread::park();
          seen = number[i].load();
        }
      }));
    }
    const auto raise = [&](std::uint64_t seed) {
      std::array<int, kVthreads> left{};
      left.fill(rounds);
      test::Random pick(seed);
      for (int remaining = kVthreads * rounds; remaining > 0;) {
        const std::size_t i = pick.below(kVthreads);
        if (left[i] == 0) continue;
        --left[i], --remaining;
        ++number[i];
        waiters[i].unpark();
        if (pick.below(8) == 0) this_vthread::yield();
      }
    };
    VThread inside = scheduler.start([&, seed = random.below(1000)] { raise(seed); });
    raise(random.below(1000));
    inside.join();
    test::join_all(waiters);
  });
}

TEST_CASE("sleepers and early unparks never hang, and the reason is right", "[vthreads][stress]") {
  on_every_shape([](Scheduler& scheduler, test::Random& random) {
    const int rounds = sized(40);
    std::atomic<int> wrong{0};
    std::vector<VThread> sleepers;
    for (int i = 0; i < 100; ++i) {
      sleepers.push_back(scheduler.start([&, seed = random.below(1000000)] {
        test::Random own(seed);
        for (int round = 0; round < rounds; ++round) {
          const auto deadline =
              std::chrono::steady_clock::now() + std::chrono::microseconds(own.below(500));
          if (own.below(2) == 0) {
            this_vthread::sleep_until(deadline);
            wrong += std::chrono::steady_clock::now() < deadline;
          } else if (!this_vthread::park_until(deadline)) {
            wrong += std::chrono::steady_clock::now() < deadline;
          }
        }
      }));
    }
    VThread waker = scheduler.start([&, seed = random.below(1000)] {
      test::Random own(seed);
      for (int i = 0; i < 100 * rounds; ++i) {
        sleepers[own.below(sleepers.size())].unpark();
        if (i % 50 == 0) this_vthread::sleep_for(100us);
      }
    });
    for (int i = 0; i < 10 * rounds; ++i) sleepers[random.below(sleepers.size())].unpark();
    waker.join();
    test::join_all(sleepers);
    CHECK(wrong == 0);
  });
}

TEST_CASE("vthreads echo bytes over many sockets", "[vthreads][stress]") {
  on_every_shape([](Scheduler& scheduler, test::Random& random) {
    const int rounds = sized(200);
    std::atomic<int> wrong{0};
    std::vector<int> fds;
    std::vector<VThread> vthreads;
    for (int i = 0; i < 30; ++i) {
      int ends[2];
      REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0);
      for (const int end : ends) {
        io::prepare(end);
        fds.push_back(end);
      }
      vthreads.push_back(scheduler.start([&, server = ends[0]] {
        std::array<char, 64> data;
        while (const ssize_t bytes = io::read(server, data.data(), data.size())) {
          for (ssize_t sent = 0; sent < bytes;) {
            sent += io::write(server, data.data() + sent, static_cast<std::size_t>(bytes - sent));
          }
        }
      }));
      vthreads.push_back(scheduler.start([&, client = ends[1], seed = random.below(1000000)] {
        test::Random own(seed);
        for (int round = 0; round < rounds; ++round) {
          const char sent = static_cast<char>(own.below(100));
          char got = static_cast<char>(sent + 1);
          wrong += io::write(client, &sent, 1) != 1;
          wrong += io::read(client, &got, 1) != 1 || got != sent;
          if (own.below(16) == 0) this_vthread::yield();
        }
        ::shutdown(client, SHUT_RDWR);
      }));
    }
    test::join_all(vthreads);
    for (const int fd : fds) ::close(fd);
    CHECK(wrong == 0);
  });
}

// Aims at the moment in which a carrier that has just finished falls asleep. The starter sees the
// end by spinning, because being woken takes longer than that moment lasts; and alone, because the
// next start of another would make good for a wake-up that got lost.
TEST_CASE("a start from outside while the carriers are falling asleep is never missed",
          "[vthreads][stress]") {
  on_every_shape([](Scheduler& scheduler, test::Random& random) {
    const int rounds = sized(5000);
    std::atomic<int> done{0};
    for (int round = 1; round <= rounds; ++round) {
      scheduler.start([&] { ++done; }).detach();
      for (int turns = 0; done != round;) {
        if (++turns % 1000 == 0) std::this_thread::yield();
      }
      for (std::uint64_t spin = random.below(400); spin > 0; --spin) {
        std::atomic_signal_fence(std::memory_order_seq_cst);
      }
    }
    test::wait_until([&] { return scheduler.stats().vthreads_alive == 0; });
  });
}

TEST_CASE("platform threads start vthreads all at once and join each", "[vthreads][stress]") {
  on_every_shape([](Scheduler& scheduler, test::Random&) {
    const int rounds = sized(1000);
    std::atomic<int> done{0};
    std::vector<std::thread> starters;
    for (int i = 0; i < 4; ++i) {
      starters.emplace_back([&] {
        for (int round = 0; round < rounds; ++round) scheduler.start([&] { ++done; }).join();
      });
    }
    for (std::thread& starter : starters) starter.join();
    CHECK(done == 4 * rounds);
  });
}

TEST_CASE("work made by one vthread wakes idle carriers, and all of it is done",
          "[vthreads][stress]") {
  on_every_shape([](Scheduler& scheduler, test::Random& random) {
    const int rounds = sized(200);
    std::atomic<int> done{0};
    for (int round = 0; round < rounds; ++round) {
      scheduler
          .start([&, n = random.below(12)] {
            for (std::uint64_t i = 0; i < n; ++i) {
              scheduler
                  .start([&] {
                    this_vthread::yield();
                    ++done;
                  })
                  .detach();
            }
            ++done;
          })
          .join();
    }
    test::wait_until([&] { return scheduler.stats().vthreads_alive == 0; });
    CHECK(done == static_cast<int>(scheduler.stats().vthreads_started));
  });
}

TEST_CASE("two carriers that wait for each other both run", "[vthreads][stress]") {
  // The vthreads do not yield while they wait, so it takes a second carrier, woken by the start, to
  // get on.
  for (const test::Shape shape : test::all_shapes()) {
    if (shape.carriers != 2) continue;
    CAPTURE(shape);
    Scheduler scheduler(shape.config());
    for (int round = 0; round < sized(500); ++round) {
      scheduler
          .start([&] {
            std::atomic<bool> other_runs{false};
            VThread other = scheduler.start([&] { other_runs = true; });
            while (!other_runs) std::this_thread::yield();
            other.join();
          })
          .join();
    }
    CHECK(scheduler.stats().vthreads_alive == 0);
  }
}

TEST_CASE("a busy carrier that polls does not swallow the call that is meant for the idle one",
          "[vthreads][stress]") {
  const auto kind = GENERATE(Config::Kind::stealing, Config::Kind::gmp);
  Scheduler scheduler({.kind = kind, .carriers = 2});
  int ends[2];
  REQUIRE(::pipe(ends) == 0);
  io::prepare(ends[0]);
  VThread waits =
      scheduler.start([&] { io::wait_readable(ends[0]); });  // so that polling enters the kernel
  for (int round = 0; round < sized(500); ++round) {
    scheduler
        .start([&] {
          scheduler.start([] {}).detach();  // calls the idle carrier ...
          for (int turn = 0; turn < 200; ++turn)
            this_vthread::yield();  // ... while this one polls a few times
          std::atomic<bool> other_runs{false};
          VThread other = scheduler.start([&] { other_runs = true; });
          while (!other_runs) std::this_thread::yield();
          other.join();
        })
        .join();
  }
  REQUIRE(::write(ends[1], "x", 1) == 1);
  waits.join();
  ::close(ends[0]);
  ::close(ends[1]);
}

TEST_CASE("vthreads that block, pin, sleep, park and yield at random all get on",
          "[vthreads][stress]") {
  on_every_shape([](Scheduler& scheduler, test::Random& random) {
    const int rounds = sized(20);
    constexpr std::size_t kVthreads = 24;
    std::atomic<int> done{0};
    std::vector<VThread> vthreads;
    for (std::size_t i = 0; i < kVthreads; ++i) {
      vthreads.push_back(scheduler.start([&, seed = random.below(1000000)] {
        test::Random own(seed);
        for (int round = 0; round < rounds; ++round) {
          switch (own.below(7)) {
            case 0:
              blocking([] {});
              break;
            case 1:
              blocking([&] { ::usleep(static_cast<useconds_t>(own.below(300))); });
              break;
            case 2:
              blocking([&] { scheduler.start([&] { ++done; }).detach(); });
              break;
            case 3: {
              const Pin pin;
              this_vthread::park_for(std::chrono::microseconds(own.below(300)));
              blocking([] { std::this_thread::yield(); });
              break;
            }
            case 4:
              this_vthread::sleep_for(std::chrono::microseconds(own.below(300)));
              break;
            case 5:
              scheduler.start([] { blocking([] {}); }).join();
              break;
            default:
              this_vthread::yield();
          }
        }
        ++done;
      }));
    }
    for (int i = 0; i < rounds; ++i) {
      vthreads[random.below(kVthreads)].unpark();
      std::this_thread::yield();
    }
    test::join_all(vthreads);
    test::wait_until([&] { return scheduler.stats().vthreads_alive == 0; });
    CHECK(done >= static_cast<int>(kVthreads));
  });
}

TEST_CASE("exceptions come out of join unmixed while vthreads move between carriers",
          "[vthreads][stress]") {
  on_every_shape([](Scheduler& scheduler, test::Random& random) {
    std::atomic<int> wrong{0};
    std::vector<VThread> vthreads;
    const int count = sized(1000);
    for (int i = 0; i < count; ++i) {
      vthreads.push_back(scheduler.start([&, i, turns = random.below(5)] {
        try {
          throw std::runtime_error(std::to_string(i));
        } catch (const std::runtime_error& error) {
          for (std::uint64_t turn = 0; turn < turns; ++turn) this_vthread::yield();
          wrong += error.what() != std::to_string(i);
          throw;
        }
      }));
    }
    for (int i = 0; i < count; ++i) {
      try {
        vthreads[static_cast<std::size_t>(i)].join();
        ++wrong;
      } catch (const std::runtime_error& error) {
        wrong += error.what() != std::to_string(i);
      }
    }
    CHECK(wrong == 0);
  });
}

TEST_CASE("crowds come and go, and schedulers end, while stacks are being prepared",
          "[vthreads][stress]") {
  constexpr int kCrowd = 1500;  // ThreadSanitizer follows some 8,000 stacks
  for (const test::Shape& shape : test::all_shapes()) {
    CAPTURE(shape);
    Config config = shape.config();
    config.prepare_stacks = true;
    Scheduler scheduler(config);
    std::atomic<int> alive{0};
    std::vector<VThread> crowd(kCrowd);
    for (VThread& vthread : crowd) {
      vthread = scheduler.start([&] {
        ++alive;
        this_vthread::park();
      });
    }
    test::wait_until([&] { return alive == kCrowd; });
    for (VThread& vthread : crowd) vthread.unpark();
    test::join_all(crowd);
    CHECK(scheduler.stats().vthreads_alive == 0);
  }
}

TEST_CASE("schedulers come and go while references to their vthreads are still used",
          "[vthreads][stress]") {
  for (int round = 0; round < sized(300); ++round) {
    std::atomic<bool> stop{false};
    std::thread unparker;
    {
      Scheduler scheduler({.kind = round % 2 == 0 ? Config::Kind::stealing : Config::Kind::gmp,
                           .carriers = 2,
                           .run_queue_slots = 4});
      VThread parks = scheduler.start([] { this_vthread::park(); });
      unparker = std::thread([&stop, ref = parks.ref()] {
        do ref.unpark();
        while (!stop);
      });
      parks.join();
    }
    stop = true;
    unparker.join();
  }
}

}  // namespace
}  // namespace vthreads
