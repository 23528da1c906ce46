#include "stealing/watch_pace.h"

#include "support/catch.h"

namespace vthreads::detail {
namespace {

using namespace std::chrono_literals;

const Deadline kStart{1h};

/// A thief that is asleep again `after` it took something.
std::chrono::nanoseconds steal(WatchPace& pace, std::chrono::nanoseconds after) {
  pace.stole(kStart);
  return pace.first_tick(kStart + after);
}

TEST_CASE("a watch that has stolen nothing looks soon", "[vthreads][stealing]") {
  WatchPace pace;
  CHECK_FALSE(pace.has_stolen());
  CHECK(pace.first_tick({}) == 50us);
  CHECK(pace.first_tick({}) == 50us);
}

TEST_CASE("thefts that were worth little come later and later, up to a bound",
          "[vthreads][stealing]") {
  WatchPace pace;
  CHECK(steal(pace, 99us) == 100us);
  CHECK(steal(pace, 1us) == 200us);
  CHECK(steal(pace, 1us) == 400us);
  CHECK(steal(pace, 1us) == 400us);
}

TEST_CASE("a theft that was worth its price makes the next one come sooner, and so does a rest",
          "[vthreads][stealing]") {
  WatchPace pace;
  for (int i = 0; i < 5; ++i) steal(pace, 1us);
  CHECK(steal(pace, 100us) == 200us);
  CHECK_FALSE(pace.has_stolen());
  CHECK(pace.first_tick({}) == 100us);
  CHECK(pace.first_tick({}) == 50us);
}

}  // namespace
}  // namespace vthreads::detail
