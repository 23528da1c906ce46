// What a runtime logged survives the way through the pipe, and nothing else is taken for it.
#include "scenarios/unit_event.h"
#include "scenarios/params.h"
#include "support/catch.h"

namespace vtlab::test {

TEST_CASE("a record of the event log reads back as it was written") {
  const UnitEvent event{UINT64_MAX, 2, 3, UINT32_MAX, 5, 3, 65535};
  CHECK(read_event(to_words(event)) == event);
  for (const char* wrong : {"", "1 2 3", "1 2 3 4 5 6", "1 2 3 4 500 6 7", "a b c d e f g"}) {
    CAPTURE(wrong);
    CHECK_FALSE(read_event(wrong));
  }
}

TEST_CASE("the observed program is told of an event log only if there is to be one") {
  Params params{.tasks = 7, .carriers = 2};
  const std::size_t without = to_words(params).size();
  params.event_log = 4096;
  REQUIRE(to_words(params).size() == without + 1);
  Params read;
  for (const std::string& word : to_words(params)) CHECK(take_word(read, word));
  CHECK(read == params);
}

}  // namespace vtlab::test
