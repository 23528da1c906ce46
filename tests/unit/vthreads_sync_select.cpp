#include <array>
#include <atomic>
#include <chrono>
#include <memory>
#include <optional>
#include <vector>

#include "support/catch.h"
#include "support/vthreads_crew.h"
#include "support/vthreads_fixture.h"
#include "support/vthreads_stop.h"
#include "vthreads/select.h"

namespace vthreads {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;
using Box = std::unique_ptr<int>;

bool is(const Selected& selected, std::size_t index, ChannelStatus status) {
  return selected.index == index && selected.status == status;
}

TEST_CASE("a select does the one case that can happen, and leaves the others alone",
          "[vthreads][select]") {
  Channel<int> numbers(1), full(1);
  Channel<Box> boxes(1);
  full.send(0);
  std::optional<int> number;
  Box box = std::make_unique<int>(5);
  CHECK(is(select(on_recv(numbers, number), on_send(full, 1), on_send(boxes, std::move(box))), 2,
           ChannelStatus::done));
  CHECK_FALSE(box);
  CHECK_FALSE(number);
  CHECK(full.size() == 1);

  box = std::make_unique<int>(6);
  numbers.send(7);
  switch (select(on_recv(numbers, number), on_send(full, 1), on_send(boxes, std::move(box)))) {
    case 0:
      break;
    default:
      FAIL();
  }
  CHECK(number == 7);
  REQUIRE(box);
  CHECK(*box == 6);

  CHECK(is(try_select(on_recv(numbers, number), on_send(full, 1), on_send(boxes, std::move(box))),
           Selected::kNone, ChannelStatus::would_block));
  CHECK_FALSE(number);
  CHECK(box);
  std::optional<Box> out;
  CHECK(is(try_select(on_recv(boxes, out), on_send(full, 1)), 0, ChannelStatus::done));
  CHECK(**out == 5);
}

TEST_CASE("a select ends at its deadline, not before, and leaves nothing behind",
          "[vthreads][select]") {
  Channel<int> a, b;
  const auto wrong = [&] {
    int failures = 0;
    std::optional<int> value = 1;
    const auto deadline = Clock::now() + 3ms;
    failures += !is(select_until(deadline, on_recv(a, value), on_send(b, 1)), Selected::kNone,
                    ChannelStatus::timeout);
    failures += Clock::now() < deadline || value.has_value();
    failures += !is(select_until(deadline, on_recv(a, value)), Selected::kNone,
                    ChannelStatus::timeout);  // past
    failures += select_for(1ms, on_recv(a, value), SelectCase()) != Selected::kNone;
    failures += select_for(1ms) != Selected::kNone;
    failures += a.try_send(1) != ChannelStatus::would_block;
    failures += b.try_recv(value) != ChannelStatus::would_block;
    return failures;
  };
  CHECK(wrong() == 0);
  Scheduler scheduler;
  int result = 1;
  scheduler.start([&] { result = wrong(); }).join();
  CHECK(result == 0);
}

TEST_CASE("a closed channel is a case that can happen", "[vthreads][select]") {
  Channel<int> closed(1), open;
  std::optional<int> value;
  closed.send(1);
  closed.close();
  CHECK(is(select(on_recv(closed, value), on_recv(open, value)), 0, ChannelStatus::done));
  CHECK(value == 1);
  CHECK(is(select(on_recv(open, value), on_recv(closed, value)), 1, ChannelStatus::closed));
  CHECK_FALSE(value);
  int sent = 2;
  CHECK(is(try_select(on_send(closed, std::move(sent))), 0, ChannelStatus::closed));
}

TEST_CASE("a select that waits is ended by any of its channels, and taken out of the others",
          "[vthreads][select]") {
  for (int ender = 0; ender < 4; ++ender) {
    CAPTURE(ender);
    Scheduler scheduler({.carriers = 1});
    std::array<Channel<int>, 4> channels;
    std::optional<int> first, second;
    Selected selected;
    VThread waits = scheduler.start([&] {
      selected = select(on_recv(channels[0], first), on_send(channels[1], 11),
                        on_recv(channels[2], second), on_send(channels[3], 33));
    });
    test::wait_until_parked(scheduler, 1);
    std::optional<int> got;
    Channel<int>& channel = channels[static_cast<std::size_t>(ender)];
    if (ender % 2 == 0) {
      CHECK(channel.try_send(ender) == ChannelStatus::done);
    } else {
      CHECK(channel.try_recv(got) == ChannelStatus::done);
      CHECK(got == ender * 11);
    }
    for (Channel<int>& other : channels) {  // also before the vthread has run again
      CHECK(other.try_send(1) == ChannelStatus::would_block);
      CHECK(other.try_recv(got) == ChannelStatus::would_block);
    }
    waits.join();
    CHECK(is(selected, static_cast<std::size_t>(ender), ChannelStatus::done));
    CHECK(first.has_value() == (ender == 0));
    CHECK(second.has_value() == (ender == 2));
  }
}

TEST_CASE("closing a channel ends a select that waits", "[vthreads][select]") {
  for (const bool sends : {false, true}) {
    CAPTURE(sends);
    Scheduler scheduler;
    Channel<int> closed, other;
    std::optional<int> value;
    Selected selected;
    VThread waits = scheduler.start([&] {
      selected = sends ? select(on_recv(other, value), on_send(closed, 1))
                       : select(on_recv(other, value), on_recv(closed, value));
    });
    test::wait_until_parked(scheduler, 1);
    closed.close();
    waits.join();
    CHECK(is(selected, 1, ChannelStatus::closed));
    CHECK(other.try_send(1) == ChannelStatus::would_block);
  }
}

TEST_CASE("two selects meet, whatever the order of their cases", "[vthreads][select]") {
  test::on_every_crew([](test::Crew& crew, test::Random&) {
    Channel<int> a, b;
    const int turns = test::sized(200);
    std::atomic<int> sent{0}, received{0}, wrong{0};
    for (int me = 0; me < 4; ++me) {
      crew.start([&, me] {
        for (int i = 0; i < turns; ++i) {
          std::optional<int> from_a, from_b;
          const Selected selected = me % 2 == 0 ? select(on_send(a, int{i}), on_recv(b, from_b))
                                                : select(on_send(b, int{i}), on_recv(a, from_a));
          wrong += selected.status != ChannelStatus::done;
          wrong += (from_a || from_b) != (selected == 1);
          ++(selected == 0 ? sent : received);
        }
      });
    }
    crew.join();
    CHECK(wrong == 0);
    CHECK(sent == 2 * turns);
    CHECK(received == 2 * turns);
  });
}

TEST_CASE("a select is never its own partner", "[vthreads][select]") {
  Channel<int> channel;
  std::optional<int> value;
  CHECK(try_select(on_recv(channel, value), on_send(channel, 1)) == Selected::kNone);
  CHECK(select_for(1ms, on_recv(channel, value), on_send(channel, 1)) == Selected::kNone);
  Scheduler scheduler;
  Selected selected;
  VThread waits = scheduler.start([&] {
    selected = select(on_send(channel, 1), on_recv(channel, value), on_send(channel, 2));
  });
  test::wait_until_parked(scheduler, 1);
  CHECK(channel.recv() == 1);
  waits.join();
  CHECK(selected == 0);
  CHECK(channel.try_recv(value) == ChannelStatus::would_block);
}

TEST_CASE("among cases that can happen all are chosen about equally often", "[vthreads][select]") {
  Channel<int> a(1), b(1), c(1);
  a.send(0);
  b.send(0);
  std::array<int, 3> chosen{};
  for (int i = 0; i < 3000; ++i) {
    std::optional<int> value;
    const Selected selected = select(on_recv(a, value), on_recv(b, value), on_send(c, 0));
    ++chosen[selected];
    if (selected == 0) a.send(0);
    if (selected == 1) b.send(0);
    if (selected == 2) static_cast<void>(c.recv());
  }
  for (const int times : chosen) CHECK(times > 700);
}

TEST_CASE("a stopped select throws, and no case has happened", "[vthreads][select][stop]") {
  Scheduler scheduler;
  Channel<Box> a, b, ready(1);
  int thrown = 0;
  bool untouched = true;
  Selected without_wait;
  test::Stoppable waits(scheduler, [&] {
    Box box = std::make_unique<int>(1);
    std::optional<Box> into;
    for (int i = 0; i < 2;
         ++i) {  // the first is in its wait when it is stopped, the second begins one
      try {
        select(on_recv(a, into), on_send(b, std::move(box)));
      } catch (const Stopped&) {
        ++thrown;
      }
      untouched = untouched && box && !into;
    }
    without_wait = select(on_recv(a, into), on_send(ready, std::move(box)));
  });
  test::wait_until_parked(scheduler, 1);
  waits.request_stop();
  waits.join();
  CHECK(thrown == 2);
  CHECK(untouched);
  CHECK(is(without_wait, 1, ChannelStatus::done));
  std::optional<Box> got;
  CHECK(a.try_send(nullptr) == ChannelStatus::would_block);
  CHECK(b.try_recv(got) == ChannelStatus::would_block);
}

TEST_CASE("a case that happened before the stop or the deadline has happened",
          "[vthreads][select][stop]") {
  test::in_time([](Deadline deadline) {
    Scheduler scheduler({.carriers = 1});
    Channel<int> stopped, late, other;
    std::optional<int> before_stop, before_deadline, none;
    bool in_time = false;
    test::Stoppable stops(scheduler,
                          [&] { select(on_recv(stopped, before_stop), on_recv(other, none)); });
    test::wait_until_parked(scheduler, 1);
    VThread is_late = scheduler.start(
        [&] { select_until(deadline, on_recv(late, before_deadline), on_recv(other, none)); });
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
    CHECK_FALSE(none);
    return in_time;
  });
}

TEST_CASE("a select over a list chosen at run time", "[vthreads][select]") {
  constexpr std::size_t kChannels = 101;
  std::vector<Channel<int>> channels(kChannels);
  std::vector<std::optional<int>> values(kChannels);
  std::vector<SelectCase> cases;
  for (std::size_t i = 0; i < kChannels; ++i) {
    const std::size_t mixed = i * 37 % kChannels;  // so that the order of addresses is another
    cases.push_back(mixed == 50 ? SelectCase() : on_recv(channels[mixed], values[mixed]));
  }
  CHECK(try_select(cases) == Selected::kNone);
  Scheduler scheduler;
  for (const std::size_t sender : {0U, 49U, 51U, 100U}) {
    CAPTURE(sender);
    Selected selected;
    const std::uint64_t parks = scheduler.stats().parks;
    VThread waits = scheduler.start([&] { selected = select(cases); });
    test::wait_until_parked(scheduler, parks + 1);
    CHECK(channels[50].try_send(1) == ChannelStatus::would_block);
    CHECK(channels[sender].try_send(static_cast<int>(sender)) == ChannelStatus::done);
    waits.join();
    CHECK(selected.index * 37 % kChannels == sender);
    CHECK(values[sender] == static_cast<int>(sender));
  }
}

}  // namespace
}  // namespace vthreads
