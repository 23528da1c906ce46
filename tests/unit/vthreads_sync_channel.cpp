#include <atomic>
#include <chrono>
#include <memory>
#include <new>
#include <optional>
#include <string>
#include <vector>

#include "support/catch.h"
#include "support/vthreads_crew.h"
#include "support/vthreads_fixture.h"
#include "support/vthreads_stop.h"
#include "vthreads/channel.h"

namespace vthreads {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;
using Box = std::unique_ptr<int>;

// Neither default-constructible nor assignable, and counts how many of it hold something.
class Counted {
 public:
  explicit Counted(int value) : value_(value) { ++alive; }
  Counted(Counted&& other) noexcept : value_(other.value_) { ++alive; }
  ~Counted() { --alive; }
  int value() const { return value_; }

  static inline std::atomic<int> alive{0};

 private:
  const int value_;
};

TEST_CASE("a ball goes to and fro through two channels", "[vthreads][channel]") {
  for (const std::size_t capacity : {0U, 1U, 3U}) {
    CAPTURE(capacity);
    test::on_every_crew([&](test::Crew& crew, test::Random&) {
      Channel<int> there(capacity), back(capacity);
      const int turns = test::sized(200);
      std::atomic<int> wrong{0};
      crew.start([&] {
        for (int i = 0; i < turns; ++i) {
          wrong += !there.send(i);
          wrong += back.recv() != -i;
        }
        there.close();
      });
      crew.start([&] {
        while (const std::optional<int> ball = there.recv()) wrong += !back.send(-*ball);
      });
      crew.join();
      CHECK(wrong == 0);
    });
  }
}

TEST_CASE("every value sent is received once, and one sender's values in order",
          "[vthreads][channel]") {
  for (const std::size_t capacity : {0U, 1U, 16U}) {
    CAPTURE(capacity);
    test::on_every_crew([&](test::Crew& crew, test::Random&) {
      struct Item {
        int sender, number;
      };
      Channel<Item> items(capacity);
      const int count = test::sized(100);
      std::atomic<int> senders{3}, received{0}, wrong{0};
      for (int me = 0; me < 3; ++me) {
        crew.start([&, me] {
          for (int i = 0; i < count; ++i) items.send({me, i});
          if (--senders == 0) items.close();
        });
      }
      for (int i = 0; i < 3; ++i) {
        crew.start([&] {
          int last[3] = {-1, -1, -1};
          for (const Item& item : items) {
            wrong += item.number <= last[item.sender];
            last[item.sender] = item.number;
            ++received;
          }
        });
      }
      crew.join();
      CHECK(received == 3 * count);
      CHECK(wrong == 0);
    });
  }
}

TEST_CASE("a channel holds as many values as its capacity, first in, first out",
          "[vthreads][channel]") {
  Channel<int> channel(3);
  std::optional<int> value = 7;
  CHECK(channel.capacity() == 3);
  for (int round = 0; round < 5; ++round) {
    CHECK(channel.try_recv(value) == ChannelStatus::would_block);
    CHECK_FALSE(value);
    for (const int i : {1, 2, 3}) CHECK(channel.try_send(i) == ChannelStatus::done);
    CHECK(channel.size() == 3);
    CHECK(channel.try_send(4) == ChannelStatus::would_block);
    CHECK(channel.send_for(4, 1ms) == ChannelStatus::timeout);
    CHECK(channel.recv() == 1);
    CHECK(channel.send(4));
    for (const int i : {2, 3, 4}) {
      CHECK(channel.try_recv(value) == ChannelStatus::done);
      CHECK(value == i);
    }
  }
}

TEST_CASE("an unbuffered send is over when the value has been received", "[vthreads][channel]") {
  Scheduler scheduler({.carriers = 1});
  Channel<int> channel;
  std::string order;
  VThread sender = scheduler.start([&] {
    channel.send(1);
    order += 's';
  });
  test::wait_until_parked(scheduler, 1);
  CHECK(order.empty());
  CHECK(channel.try_send(2) == ChannelStatus::would_block);
  CHECK(channel.size() == 0);
  CHECK(channel.recv() == 1);
  sender.join();
  CHECK(order == "s");
}

TEST_CASE("those who wait are served in the order in which they came", "[vthreads][channel]") {
  Scheduler scheduler({.carriers = 1});
  Channel<int> channel(1);
  std::vector<VThread> vthreads;
  std::vector<int> got(3);
  for (std::size_t i = 0; i < 3; ++i) {
    vthreads.push_back(scheduler.start([&, i] { got[i] = *channel.recv(); }));
    test::wait_until_parked(scheduler, i + 1);
  }
  for (const int i : {1, 2, 3}) channel.send(i);
  test::join_all(vthreads);
  CHECK(got == std::vector{1, 2, 3});

  channel.send(0);
  for (std::size_t i = 1; i <= 3; ++i) {
    vthreads.push_back(scheduler.start([&, i] { channel.send(static_cast<int>(i)); }));
    test::wait_until_parked(scheduler, 3 + i);
  }
  for (const int i : {0, 1, 2, 3}) CHECK(channel.recv() == i);
  test::join_all(vthreads);
}

TEST_CASE("values that can only be moved are moved, and left alone if they are not sent",
          "[vthreads][channel]") {
  Channel<Box> channel(1);
  Box sent = std::make_unique<int>(1), not_sent = std::make_unique<int>(2);
  CHECK(channel.send(std::move(sent)));
  CHECK_FALSE(sent);
  CHECK(channel.try_send(std::move(not_sent)) == ChannelStatus::would_block);
  CHECK(channel.send_for(std::move(not_sent), 1ms) == ChannelStatus::timeout);
  channel.close();
  CHECK(channel.try_send(std::move(not_sent)) == ChannelStatus::closed);
  CHECK(channel.send_for(std::move(not_sent), 1h) == ChannelStatus::closed);
  CHECK_FALSE(channel.send(std::move(not_sent)));
  REQUIRE(not_sent);
  CHECK(*not_sent == 2);
  CHECK(**channel.recv() == 1);
  CHECK_FALSE(channel.recv());
}

TEST_CASE("a channel destroys what it still holds, and what it has handed over only once",
          "[vthreads][channel]") {
  {
    Channel<Counted> channel(4);
    for (int i = 0; i < 3; ++i) channel.send(Counted(i));
    CHECK(channel.recv()->value() == 0);
    channel.send(Counted(3));
    channel.send(Counted(4));  // round the end of the ring
    CHECK(Counted::alive == 4);
    std::optional<Counted> value;
    CHECK(channel.recv_until(value, kNever) == ChannelStatus::done);
    CHECK(value->value() == 1);
    CHECK(channel.try_recv(value) == ChannelStatus::done);
    CHECK(value->value() == 2);
    CHECK(Counted::alive == 3);
  }
  CHECK(Counted::alive == 0);
}

TEST_CASE("a closed channel gives what it holds, then says closed", "[vthreads][channel]") {
  Channel<int> channel(2);
  channel.send(1);
  channel.send(2);
  CHECK_FALSE(channel.is_closed());
  channel.close();
  channel.close();
  CHECK(channel.is_closed());
  CHECK(channel.recv() == 1);
  std::optional<int> value;
  CHECK(channel.recv_for(value, 1h) == ChannelStatus::done);
  CHECK(value == 2);
  CHECK(channel.recv_for(value, 1h) == ChannelStatus::closed);
  CHECK_FALSE(value);
  CHECK(channel.try_recv(value) == ChannelStatus::closed);
  CHECK_FALSE(channel.recv());
  for (const int never : channel) FAIL(never);
}

TEST_CASE("close ends every wait, and what was not sent is untouched", "[vthreads][channel]") {
  test::on_every_crew([](test::Crew& crew, test::Random&) {
    Channel<Box> full(1), empty;
    std::atomic<int> waiting{0}, senders{0}, receivers{0};
    full.send(std::make_unique<int>(0));
    for (int i = 0; i < 6; ++i) {
      crew.start([&, i] {
        Box box = std::make_unique<int>(i);
        ++waiting;
        const bool sent = full.send(std::move(box));
        senders += !sent && box != nullptr && *box == i;
      });
      crew.start([&] {
        ++waiting;
        receivers += !empty.recv();
      });
    }
    crew.start([&] {
      test::wait_until([&] { return waiting == 12; });
      full.close();
      empty.close();
    });
    crew.join();
    CHECK(senders == 6);
    CHECK(receivers == 6);
    CHECK(**full.recv() == 0);
    CHECK_FALSE(full.recv());
  });
}

TEST_CASE("sends and receives end at their deadline, not before, and leave nothing behind",
          "[vthreads][channel]") {
  Channel<int> channel;
  const auto wrong = [&] {
    int failures = 0;
    std::optional<int> value = 1;
    const auto deadline = Clock::now() + 3ms;
    failures += channel.recv_until(value, deadline) != ChannelStatus::timeout;
    failures += Clock::now() < deadline || value.has_value();
    failures += channel.send_until(1, deadline) != ChannelStatus::timeout;  // past
    failures += channel.send_for(1, 1ms) != ChannelStatus::timeout;
    failures += channel.try_send(1) != ChannelStatus::would_block;
    failures += channel.try_recv(value) != ChannelStatus::would_block;
    return failures;
  };
  CHECK(wrong() == 0);
  Scheduler scheduler;
  int result = 1;
  scheduler.start([&] { result = wrong(); }).join();
  CHECK(result == 0);
}

TEST_CASE("stopped sends and receives throw, leave the value alone, and go on without waiting",
          "[vthreads][channel][stop]") {
  Scheduler scheduler;
  Channel<Box> channel, buffered(1);
  int thrown = 0;
  bool untouched = true, sent = false, received = false;
  test::Stoppable waits(scheduler, [&] {
    Box box = std::make_unique<int>(1);
    std::optional<Box> into;
    for (int i = 0; i < 4; ++i) {
      try {
        if (i == 0) channel.send(std::move(box));
        if (i == 1) static_cast<void>(channel.recv());
        if (i == 2) channel.send_for(std::move(box), 1h);
        if (i == 3) channel.recv_for(into, 1h);
      } catch (const Stopped&) {
        ++thrown;
      }
      untouched = untouched && box != nullptr && !into;
    }
    sent = buffered.send(std::move(box));
    received = buffered.recv().has_value();
  });
  test::wait_until_parked(scheduler, 1);
  waits.request_stop();
  waits.join();
  CHECK(thrown == 4);
  CHECK(untouched);
  CHECK(sent);
  CHECK(received);
  CHECK(channel.try_send(nullptr) == ChannelStatus::would_block);  // nobody is left in the queues
}

TEST_CASE("a receiver that is stopped while it waits throws", "[vthreads][channel][stop]") {
  Scheduler scheduler;
  Channel<int> channel;
  bool thrown = false;
  test::Stoppable waits(scheduler, [&] {
    try {
      static_cast<void>(channel.recv());
    } catch (const Stopped&) {
      thrown = true;
    }
  });
  test::wait_until_parked(scheduler, 1);
  waits.request_stop();
  waits.join();
  CHECK(thrown);
  CHECK(channel.try_send(1) == ChannelStatus::would_block);
}

TEST_CASE("a value that arrived before the stop or the deadline is received",
          "[vthreads][channel][stop]") {
  test::in_time([](Deadline deadline) {
    Scheduler scheduler({.carriers = 1});
    Channel<int> stopped, late;
    std::optional<int> before_stop, before_deadline;
    bool in_time = false;
    test::Stoppable stops(scheduler, [&] { before_stop = stopped.recv(); });
    test::wait_until_parked(scheduler, 1);
    VThread is_late = scheduler.start([&] { late.recv_until(before_deadline, deadline); });
    test::wait_until_parked(scheduler, 2, deadline);
    scheduler
        .start([&] {
          stopped.send(1);
          late.try_send(2);
          stops.request_stop();
          in_time = test::hold_carrier_until(deadline);
        })
        .join();
    stops.join();
    is_late.join();
    CHECK(before_stop == 1);
    if (in_time) CHECK(before_deadline == 2);
    return in_time;
  });
}

TEST_CASE("a channel that no memory is enough for is refused", "[vthreads][channel]") {
  CHECK_THROWS_AS(Channel<long>(~std::size_t{0}), std::bad_alloc);
  CHECK_THROWS_AS(Channel<long>(~std::size_t{0} / sizeof(long)), std::bad_alloc);
}

}  // namespace
}  // namespace vthreads
