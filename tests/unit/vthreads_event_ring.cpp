// The ring of the event log, and the judge of its stories, each for itself.
#include "event_log/event_ring.h"

#include <vector>

#include "support/catch.h"
#include "support/vthreads_fixture.h"
#include "vthreads/vthreads.h"

namespace vthreads::detail {
namespace {

using enum EventKind;

std::vector<Event> drain(EventRing& ring) {
  std::vector<Event> all;
  ring.drain(
      [&](std::span<const Event> piece) { all.insert(all.end(), piece.begin(), piece.end()); });
  return all;
}

Event numbered(std::uint64_t number) {
  return {.ns = number, .arg = number, .kind = steal};
}

}  // namespace

TEST_CASE("records come out of a ring in order, around its end too", "[vthreads][events]") {
  EventRing ring(3, 16);
  std::uint64_t written = 0, read = 0;
  for (int round = 0; round < 20; ++round) {
    for (int i = 0; i < 13; ++i) ring.write(numbered(written++));
    for (const Event& event : drain(ring)) {
      CHECK(event.arg == read++);
      CHECK(event.carrier == 3);
    }
  }
  CHECK(read == written);
}

TEST_CASE("a full ring drops the new, all or none, and says how many and since when",
          "[vthreads][events]") {
  EventRing ring(0, 16);
  for (std::uint64_t i = 0; i < 14; ++i) ring.write(numbered(i));
  Event together[3] = {numbered(100), numbered(101), numbered(102)};
  ring.write(together);
  ring.write(numbered(14));  // this one fits
  ring.write(numbered(103));
  std::vector<Event> there = drain(ring);
  REQUIRE(there.size() == 17);
  sort_by_time(there);
  CHECK(there[14].arg == 14);
  CHECK(there[15].kind == lost);
  CHECK(there[15].ns == 100);
}

TEST_CASE("a gap stands in front of the next record, or at the end, and never twice",
          "[vthreads][events]") {
  EventRing ring(0, 16);
  for (std::uint64_t i = 0; i < 20; ++i) ring.write(numbered(i));
  std::vector<Event> there = drain(ring);
  REQUIRE(there.size() == 16);
  CHECK(there.back() == Event{.ns = 15, .arg = 5, .carrier = 0, .kind = lost});
  CHECK(drain(ring).empty());
  ring.write(numbered(20));
  CHECK(drain(ring).size() == 1);
}

TEST_CASE("a gap that opens while the ring is read is told with the next record",
          "[vthreads][events]") {
  EventRing ring(0, 16);
  for (std::uint64_t i = 0; i < 15; ++i) ring.write(numbered(i));
  ring.drain([&](std::span<const Event>) { ring.write(numbered(15)); });
  ring.write(numbered(16));
  const std::vector<Event> there = drain(ring);
  REQUIRE(there.size() == 2);
  CHECK(there[0] == Event{.ns = 15, .arg = 1, .carrier = 0, .kind = lost});
  CHECK(there[1].arg == 16);
}

}  // namespace vthreads::detail

namespace vthreads {
namespace {

using enum EventKind;

std::uint8_t number(auto reason) {
  return static_cast<std::uint8_t>(reason);
}

// On two carriers: 1 yields, parks, is unparked by 2 and moves to carrier 1.
std::vector<Event> a_story() {
  std::uint64_t ns = 0;
  std::vector<Event> story;
  const auto add = [&](std::uint32_t carrier, EventKind kind, std::uint64_t vthread, auto reason) {
    story.push_back({.ns = ++ns,
                     .vthread = vthread,
                     .carrier = carrier,
                     .kind = kind,
                     .reason = number(reason)});
  };
  add(kOutside, start, 1, Actor::platform_thread);
  add(0, mount, 1, 0);
  add(0, unmount, 1, UnmountReason::yield);
  add(0, mount, 1, 0);
  add(0, start, 2, Actor::vthread);
  add(0, park, 1, WaitReason::park);
  add(0, unmount, 1, UnmountReason::park);
  add(0, mount, 2, 0);
  add(0, blocking_enter, 2, 0);
  add(0, blocking_exit, 2, 0);
  add(0, unpark, 1, Actor::vthread);
  add(1, mount, 1, 0);
  add(1, pin_wait, 1, WaitReason::sleep);
  add(1, pin_resume, 1, 0);
  add(1, done, 1, 0);
  add(1, unmount, 1, UnmountReason::done);
  add(0, done, 2, 0);
  add(0, unmount, 2, UnmountReason::done);
  return story;
}

}  // namespace

TEST_CASE("a possible story is one, and without any of its records it is none",
          "[vthreads][events]") {
  const std::vector<Event> whole = a_story();
  CHECK(first_illegal_step(whole).value_or("") == "");
  for (std::size_t i = 0; i < whole.size(); ++i) {
    if (whole[i].kind == unmount && whole[i].reason == number(UnmountReason::done)) continue;
    std::vector<Event> story = whole;
    story.erase(story.begin() + static_cast<std::ptrdiff_t>(i));
    CAPTURE(i, name_of(whole[i].kind));
    CHECK(first_illegal_step(story).has_value());
  }
}

TEST_CASE("no record of a story may come twice", "[vthreads][events]") {
  const std::vector<Event> whole = a_story();
  for (std::size_t i = 0; i < whole.size(); ++i) {
    std::vector<Event> story = whole;
    story.insert(story.begin() + static_cast<std::ptrdiff_t>(i), whole[i]);
    CAPTURE(i, name_of(whole[i].kind));
    CHECK(first_illegal_step(story).has_value());
  }
}

TEST_CASE("what is wrong with a story is said in words", "[vthreads][events]") {
  std::vector<Event> story = a_story();
  story[3].carrier = 1;
  CHECK(first_illegal_step(story) ==
        "vthread 1: park (park) on carrier 0 at 6 ns, but it is not mounted there");
  story = a_story();
  story.erase(story.begin() + 10);
  CHECK(first_illegal_step(story) ==
        "vthread 1: mount on carrier 1 at 12 ns, but the vthread is parked");
  story = a_story();
  story[7].carrier = 1;
  story[11].ns = 9;
  sort_by_time(story);
  CHECK(first_illegal_step(story).value_or("").find("but") != std::string::npos);
}

TEST_CASE("a signal is possible at any time after the start, and not before",
          "[vthreads][events]") {
  const std::vector<Event> whole = a_story();
  for (std::size_t i = 0; i <= whole.size(); ++i) {
    std::vector<Event> story = whole;
    story.insert(story.begin() + static_cast<std::ptrdiff_t>(i),
                 {.ns = i, .vthread = 1, .arg = 5, .carrier = kOutside, .kind = signal});
    CAPTURE(i);
    CHECK(first_illegal_step(story).has_value() == (i == 0));
  }
}

// Carrier 0 loses any run of its records.
TEST_CASE("a gap excuses what is missing, until its carrier writes again", "[vthreads][events]") {
  const std::vector<Event> whole = a_story();
  for (std::size_t from = 1; from < whole.size(); ++from) {
    for (std::size_t to = from + 1; to <= whole.size(); ++to) {
      std::vector<Event> story;
      std::uint64_t missing = 0;
      for (std::size_t i = 0; i < whole.size(); ++i) {
        if (i == from) story.push_back({.ns = whole[i].ns, .arg = 1, .carrier = 0, .kind = lost});
        if (i >= from && i < to && whole[i].carrier == 0) {
          ++missing;
        } else {
          story.push_back(whole[i]);
        }
      }
      CAPTURE(from, to, missing);
      CHECK(first_illegal_step(story).value_or("") == "");
    }
  }
  std::vector<Event> story = whole;
  story.insert(story.begin() + 3, {.ns = 3, .arg = 1, .carrier = 0, .kind = lost});
  story.push_back(whole.back());
  CHECK(first_illegal_step(story).has_value());
}

}  // namespace vthreads
