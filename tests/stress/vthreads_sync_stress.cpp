// vthreads_sync_stress.cpp — mutexes, condition variables, channels and the rest under seeded
// random use, with deadlines and stops in between, by vthreads and platform threads.
//
// A lost wake-up shows as a hang, a lost or doubled value as a sum that does not agree, a touch of
// what is gone under the sanitizers. Sizes shrink there (support/vthreads_fixture.h).

#include <atomic>
#include <chrono>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "support/catch.h"
#include "support/vthreads_crew.h"
#include "support/vthreads_fixture.h"
#include "support/vthreads_stop.h"
#include "vthreads/condition_variable.h"
#include "vthreads/latch.h"
#include "vthreads/mutex.h"
#include "vthreads/select.h"
#include "vthreads/semaphore.h"
#include "vthreads/shared_mutex.h"
#include "vthreads/wait_group.h"

namespace vthreads {
namespace {

using test::Random;
using test::sized;
using Clock = std::chrono::steady_clock;
using Lock = std::unique_lock<Mutex>;

// Soon, or never, or past.
Deadline random_deadline(Random& random) {
  switch (random.below(4)) {
    case 0:
      return kNever;
    case 1:
      return Clock::now() - std::chrono::microseconds(1);
    default:
      return Clock::now() + std::chrono::microseconds(random.below(300));
  }
}

Deadline random_soon(Random& random) {
  return Clock::now() + std::chrono::microseconds(random.below(300));
}

// --- mutexes -------------------------------------------------------------------------------------

TEST_CASE("a mutex under locks of every kind is exclusive and loses nobody",
          "[vthreads][stress][mutex]") {
  test::on_every_crew([](test::Crew& crew, Random& random) {
    Mutex mutex;
    std::int64_t count = 0;  // guarded by mutex
    std::atomic<std::int64_t> expected{0};
    std::atomic<int> inside{0}, wrong{0};
    for (int i = 0; i < 12; ++i) {
      crew.start([&, seed = random.below(1000000)] {
        Random own(seed);
        for (int turn = 0; turn < sized(1000); ++turn) {
          bool locked = true;
          switch (own.below(4)) {
            case 0:
              locked = mutex.try_lock();
              break;
            case 1:
              locked = mutex.try_lock_until(random_deadline(own));
              break;
            default:
              mutex.lock();
          }
          if (!locked) continue;
          wrong += ++inside != 1;
          ++count;
          expected.fetch_add(1, std::memory_order_relaxed);
          if (own.below(8) == 0) this_vthread::yield();
          --inside;
          mutex.unlock();
        }
      });
    }
    crew.join();
    CHECK(wrong == 0);
    CHECK(count == expected);
    CHECK(mutex.try_lock());
    mutex.unlock();
  });
}

TEST_CASE("a shared mutex under locks of every kind keeps readers and writers apart",
          "[vthreads][stress][shared_mutex]") {
  test::on_every_crew([](test::Crew& crew, Random& random) {
    SharedMutex mutex;
    std::int64_t a = 0, b = 0;  // guarded by mutex; equal when nobody writes
    std::atomic<int> wrong{0};
    for (int i = 0; i < 12; ++i) {
      crew.start([&, seed = random.below(1000000)] {
        Random own(seed);
        for (int turn = 0; turn < sized(1000); ++turn) {
          const bool shared = own.below(3) != 0, timed = own.below(3) == 0;
          if (timed) {
            const Deadline deadline = random_deadline(own);
            if (!(shared ? mutex.try_lock_shared_until(deadline) : mutex.try_lock_until(deadline)))
              continue;
          } else {
            shared ? mutex.lock_shared() : mutex.lock();
          }
          wrong += a != b;
          if (!shared) ++a;
          if (own.below(8) == 0) this_vthread::yield();
          if (!shared) ++b;
          wrong += a != b;
          shared ? mutex.unlock_shared() : mutex.unlock();
        }
      });
    }
    crew.join();
    CHECK(wrong == 0);
    CHECK(mutex.try_lock());
    mutex.unlock();
  });
}

TEST_CASE("whoever unlocks last may destroy the mutex", "[vthreads][stress][mutex]") {
  test::on_every_crew([](test::Crew& crew, Random&) {
    struct Object {
      Mutex mutex;
      int users = 4;
    };
    const int rounds = sized(200);
    std::vector<Object*> objects;
    for (int i = 0; i < rounds; ++i) objects.push_back(new Object);
    for (int i = 0; i < 4; ++i) {
      crew.start([&] {
        for (Object* const object : objects) {
          object->mutex.lock();
          const bool last = --object->users == 0;
          object->mutex.unlock();
          if (last) delete object;
        }
      });
    }
    crew.join();
  });
}

// --- condition variables -------------------------------------------------------------------------

TEST_CASE("no notification is lost or goes to one that gives up, by deadline or stop",
          "[vthreads][stress][condition]") {
  for (const test::Shape shape : test::all_shapes()) {
    CAPTURE(shape);
    Scheduler scheduler(shape.config());
    Random random(shape.carriers * 7 + shape.run_queue_slots);
    Mutex mutex;
    ConditionVariable available;
    std::int64_t tokens = 0, taken = 0, given_back = 0;  // guarded by mutex
    const int total = sized(3000);
    std::atomic<bool> over{false};
    std::atomic<int> stops{0};

    // Patient ones wait without end for a token that is there for each of them: whoever else takes
    // a notification without a token leaves one of them asleep.
    std::vector<VThread> patient;
    for (int i = 0; i < 10; ++i) {
      patient.push_back(scheduler.start([&] {
        for (int n = 0; n < total / 10; ++n) {
          Lock lock(mutex);
          while (tokens == 0) available.wait(lock);
          --tokens, ++taken;
        }
      }));
    }
    const auto impatient = [&](std::uint64_t seed) {
      Random own(seed);
      while (!over) {
        try {
          Lock lock(mutex);
          if (tokens > 0 || available.wait_until(lock, random_soon(own))) {
            if (tokens > 0) ++given_back;
            available.notify_one();  // takes none, so it must pass the notification on
          }
        } catch (const Stopped&) {
          ++stops;
          return;
        }
        this_vthread::yield();
      }
    };
    std::deque<test::Stoppable> stoppable;
    for (int i = 0; i < 6; ++i) {
      stoppable.emplace_back(scheduler, [&, seed = random.below(1000000)] { impatient(seed); });
    }
    std::thread platform([&, seed = random.below(1000000)] { impatient(seed); });
    VThread giver = scheduler.start([&, seed = random.below(1000000)] {
      Random own(seed);
      for (int n = 0; n < total;) {
        const int batch = std::min(total - n, 1 + static_cast<int>(own.below(3)));
        {
          const Lock lock(mutex);
          tokens += batch;
        }
        n += batch;
        if (own.below(10) == 0) {
          available.notify_all();
        } else {
          for (int i = 0; i < batch; ++i) available.notify_one();
        }
        if (own.below(4) == 0) this_vthread::yield();
        if (n > total / 2 && stops == 0 && own.below(16) == 0) stoppable[0].request_stop();
      }
    });
    for (std::size_t i = 1; i < 3; ++i) stoppable[i].request_stop();
    giver.join();
    test::join_all(patient);
    over = true;
    platform.join();
    for (test::Stoppable& one : stoppable) one.join();
    CHECK(taken == total);
    CHECK(tokens == 0);
  }
}

// --- semaphores, latches, wait groups ------------------------------------------------------------

TEST_CASE("permits are neither lost nor doubled by deadlines and stops",
          "[vthreads][stress][semaphore]") {
  for (const test::Shape shape : test::all_shapes()) {
    CAPTURE(shape);
    Scheduler scheduler(shape.config());
    Random random(shape.carriers * 7 + shape.run_queue_slots);
    constexpr int kPermits = 3;
    Semaphore semaphore(kPermits);
    std::atomic<int> inside{0}, wrong{0};
    std::deque<test::Stoppable> vthreads;
    const auto use = [&](std::uint64_t seed) {
      Random own(seed);
      try {
        for (int turn = 0; turn < sized(500); ++turn) {
          if (!semaphore.try_acquire_until(random_deadline(own))) continue;
          wrong += ++inside > kPermits;
          if (own.below(4) == 0) this_vthread::yield();
          --inside;
          semaphore.release();
        }
      } catch (const Stopped&) {
      }
    };
    for (int i = 0; i < 12; ++i) {
      vthreads.emplace_back(scheduler, [&, seed = random.below(1000000)] { use(seed); });
    }
    std::thread platform([&, seed = random.below(1000000)] { use(seed); });
    for (std::size_t i = 0; i < 6; ++i) {
      for (std::uint64_t pause = random.below(50); pause > 0; --pause) this_vthread::yield();
      vthreads[i].request_stop();
    }
    for (test::Stoppable& vthread : vthreads) vthread.join();
    platform.join();
    CHECK(wrong == 0);
    for (int i = 0; i < kPermits; ++i) CHECK(semaphore.try_acquire());
    CHECK_FALSE(semaphore.try_acquire());
  }
}

TEST_CASE("latches, wait groups and semaphores end as soon as their waits have returned",
          "[vthreads][stress][latch]") {
  test::on_every_crew([](test::Crew& crew, Random&) {
    constexpr int kOthers = 3;
    // The others' one step may still be going on when the round is over and its memory is used
    // again.
    struct Round {
      explicit Round(int n) : number(n) { group.add(kOthers); }
      void step() {
        switch (number % 3) {
          case 0:
            return latch.count_down();
          case 1:
            return group.done();
          default:
            return semaphore.release();
        }
      }
      void wait(bool busily) {
        if (busily) test::wait_until([&] { return number % 3 != 0 || latch.try_wait(); });
        if (number % 3 == 0) latch.wait();
        if (number % 3 == 1) group.wait();
        for (int n = 0; number % 3 == 2 && n < kOthers; ++n) {
          if (busily) test::wait_until([&] { return semaphore.try_acquire(); });
          if (!busily) semaphore.acquire();
        }
        if (number % 3 != 1) group.add(-kOthers);
      }
      const int number;
      Latch latch{kOthers};
      WaitGroup group;
      Semaphore semaphore{0};
    };
    const int rounds = sized(300);
    Channel<Round*> given;
    crew.start([&] {
      for (int i = 0; i < rounds; ++i) {
        const auto round = std::make_unique<Round>(i);
        for (int n = 0; n < kOthers; ++n) given.send(round.get());
        round->wait(i % 10 < 3);
      }
      given.close();
    });
    for (int n = 0; n < kOthers; ++n) {
      crew.start([&] {
        for (Round* const round : given) round->step();
      });
    }
    crew.join();
  });
}

// Aims at the moment between a look at the number and joining the queue: both sides go off at once,
// with a random lead, and spin to do so, because being woken takes longer than that moment lasts.
TEST_CASE("a count that reaches nothing while somebody begins to wait is not missed",
          "[vthreads][stress][wait_group]") {
  const int rounds = sized(20000);
  WaitGroup group;
  std::atomic<int> round{0};
  const auto spin_until = [&](int wanted, std::uint64_t lead) {
    for (int turns = 1; round < wanted; ++turns) {
      if (turns % 1000 == 0) std::this_thread::yield();
    }
    for (; lead > 0; --lead) std::atomic_signal_fence(std::memory_order_seq_cst);
  };
  std::thread counts([&] {
    Random random(1);
    for (int i = 1; i <= rounds; ++i) {
      spin_until(2 * i - 1, random.below(200));
      group.done();
    }
  });
  Random random(2);
  for (int i = 1; i <= rounds; ++i) {
    group.add();
    ++round;
    spin_until(2 * i - 1, random.below(200));
    group.wait();
    ++round;
  }
  counts.join();
  CHECK(group.wait_for(std::chrono::nanoseconds(0)));
}

// --- channels and select -------------------------------------------------------------------------

struct Sums {
  std::atomic<std::int64_t> sent{0}, received{0};
  std::atomic<std::int64_t> sent_count{0}, received_count{0};

  void add_sent(std::int64_t value) { sent += value, ++sent_count; }
  void add_received(std::int64_t value) { received += value, ++received_count; }
};

using Item = std::unique_ptr<std::int64_t>;  // lost: a leak; doubled: freed twice
using Channels = std::deque<Channel<Item>>;

Item make_item(Random& random) {
  return std::make_unique<std::int64_t>(static_cast<std::int64_t>(random.below(1000000)));
}

// One send, by one of all the ways there are. False once the channel is closed. Errors: Stopped.
bool send_somehow(Channels& channels, Random& random, Item item, Sums& sums) {
  const std::int64_t value = *item;
  Channel<Item>& one = channels[random.below(channels.size())];
  ChannelStatus status = ChannelStatus::would_block;
  while (status == ChannelStatus::would_block || status == ChannelStatus::timeout) {
    switch (random.below(4)) {
      case 0:
        status = one.try_send(std::move(item));
        if (status == ChannelStatus::would_block) this_vthread::yield();
        break;
      case 1:
        status = one.send_until(std::move(item), random_deadline(random));
        break;
      case 2: {
        Channel<Item>& other = channels[random.below(channels.size())];
        status = select_until(random_deadline(random), on_send(one, std::move(item)),
                              on_send(other, std::move(item)))
                     .status;
        break;
      }
      default:
        status = one.send(std::move(item)) ? ChannelStatus::done : ChannelStatus::closed;
    }
  }
  if (status == ChannelStatus::done) sums.add_sent(value);
  return status == ChannelStatus::done;
}

// Receives from all channels until they are closed. Errors: Stopped.
void receive_all(Channels& channels, Random& random, Sums& sums) {
  std::vector<std::optional<Item>> into(channels.size());
  std::vector<SelectCase> cases;
  for (std::size_t i = 0; i < channels.size(); ++i) cases.push_back(on_recv(channels[i], into[i]));
  for (std::size_t open = channels.size(); open > 0;) {
    const Selected selected =
        random.below(3) == 0 ? select_until(random_deadline(random), cases) : select(cases);
    if (selected.status == ChannelStatus::timeout) continue;
    if (selected.status == ChannelStatus::closed) {
      cases[selected.index] = SelectCase();
      --open;
      continue;
    }
    sums.add_received(**into[selected.index]);
    if (random.below(8) == 0) this_vthread::yield();
  }
}

TEST_CASE("what is sent through many channels is received once, whatever ways are used",
          "[vthreads][stress][channel][select]") {
  test::on_every_crew([](test::Crew& crew, Random& random) {
    Channels channels;
    for (const std::size_t capacity : {0U, 0U, 1U, 4U}) channels.emplace_back(capacity);
    Sums sums;
    const int each = sized(400);
    constexpr int kSenders = 6;
    std::atomic<int> senders{kSenders}, refused{0};
    for (int i = 0; i < kSenders; ++i) {
      crew.start([&, seed = random.below(1000000)] {
        Random own(seed);
        for (int n = 0; n < each; ++n) {
          refused += !send_somehow(channels, own, make_item(own), sums);
        }
        if (--senders == 0) {
          for (Channel<Item>& channel : channels) channel.close();
        }
      });
      crew.start([&, seed = random.below(1000000)] {
        Random own(seed);
        receive_all(channels, own, sums);
      });
    }
    crew.join();
    CHECK(refused == 0);
    CHECK(sums.sent_count == each * kSenders);
    CHECK(sums.received_count == sums.sent_count);
    CHECK(sums.received == sums.sent);
  });
}

TEST_CASE("what was sent is received although channels close and threads stop meanwhile",
          "[vthreads][stress][channel][select]") {
  std::uint64_t seed = 100;
  for (const test::Shape shape : test::all_shapes()) {
    for (int round = 0; round < sized(10); ++round) {
      CAPTURE(shape, ++seed);
      Scheduler scheduler(shape.config(seed));
      Random random(seed);
      Channels channels;
      for (const std::size_t capacity : {0U, 1U, 2U}) channels.emplace_back(capacity);
      Sums sums;
      std::deque<test::Stoppable> vthreads;
      for (int i = 0; i < 12; ++i) {
        vthreads.emplace_back(scheduler, [&, i, own_seed = random.below(1000000)] {
          Random own(own_seed);
          try {
            if (i % 2 == 0) {
              while (send_somehow(channels, own, make_item(own), sums)) {
              }
            } else {
              receive_all(channels, own, sums);
            }
          } catch (const Stopped&) {
          }
        });
      }
      std::thread receiver([&, own_seed = random.below(1000000)] {
        Random own(own_seed);
        receive_all(channels, own, sums);
      });
      for (const std::size_t stopped : {0U, 1U, 2U, 3U}) {
        test::wait_until([&] { return sums.received_count > static_cast<int>(10 * stopped); });
        vthreads[stopped].request_stop();
      }
      for (Channel<Item>& channel : channels) {
        for (std::uint64_t pause = random.below(30); pause > 0; --pause) this_vthread::yield();
        channel.close();
      }
      for (test::Stoppable& vthread : vthreads) vthread.join();
      receiver.join();
      CHECK(sums.received_count == sums.sent_count);
      CHECK(sums.received == sums.sent);
    }
  }
}

TEST_CASE("selects that send and receive at once pass every value on",
          "[vthreads][stress][select]") {
  // Each holds values and either gives one away or takes one, whatever comes first; nothing may get
  // lost on the way.
  test::on_every_crew([](test::Crew& crew, Random& random) {
    Channels channels;
    for (const std::size_t capacity : {0U, 0U, 0U, 1U}) channels.emplace_back(capacity);
    std::atomic<std::int64_t> before{0}, after{0};
    std::atomic<int> wrong{0};
    for (int i = 0; i < 10; ++i) {
      crew.start([&, seed = random.below(1000000)] {
        Random own(seed);
        std::vector<Item> mine;
        for (int n = 0; n < 3; ++n) {
          mine.push_back(make_item(own));
          before += *mine.back();
        }
        for (int turn = 0; turn < sized(500); ++turn) {
          std::optional<Item> taken, also_taken;
          Item nothing;
          Item& given = mine.empty() ? nothing : mine.back();
          Channel<Item>& a = channels[own.below(channels.size())];
          Channel<Item>& b = channels[own.below(channels.size())];
          Channel<Item>& c = channels[own.below(channels.size())];
          const bool may_give = given != nullptr;
          const Selected selected = select_until(
              random_soon(own), on_recv(a, taken),
              may_give ? on_send(b, std::move(given)) : SelectCase(), on_recv(c, also_taken));
          wrong +=
              taken.has_value() != (selected == 0) || also_taken.has_value() != (selected == 2);
          wrong += may_give && (given == nullptr) != (selected == 1);
          if (selected == 1) mine.pop_back();
          if (taken) mine.push_back(std::move(*taken));
          if (also_taken) mine.push_back(std::move(*also_taken));
        }
        for (const Item& item : mine) after += *item;
      });
    }
    crew.join();
    std::optional<Item> left;
    for (Channel<Item>& channel : channels) {
      while (channel.try_recv(left) == ChannelStatus::done) after += **left;
    }
    CHECK(wrong == 0);
    CHECK(before == after);
  });
}

TEST_CASE("what goes into a pipeline of channels comes out at its end",
          "[vthreads][stress][channel]") {
  test::on_every_crew([](test::Crew& crew, Random&) {
    const int count = sized(500);
    constexpr std::size_t kStages = 8;
    std::deque<Channel<int>> stages;
    for (std::size_t i = 0; i <= kStages; ++i) stages.emplace_back(i % 3);
    WaitGroup all;
    std::int64_t sum = 0;
    all.add(kStages + 2);
    crew.start([&] {
      for (int i = 1; i <= count; ++i) stages[0].send(i);
      stages[0].close();
      all.done();
    });
    for (std::size_t i = 0; i < kStages; ++i) {
      crew.start([&, i] {
        for (const int value : stages[i]) stages[i + 1].send(value + 1);
        stages[i + 1].close();
        all.done();
      });
    }
    crew.start([&] {
      for (const int value : stages[kStages]) sum += value;
      all.done();
    });
    crew.start([&] { all.wait(); });
    crew.join();
    CHECK(sum == std::int64_t{count} * (count + 1) / 2 + std::int64_t{count} * kStages);
  });
}

}  // namespace
}  // namespace vthreads
