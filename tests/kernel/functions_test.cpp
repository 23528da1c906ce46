// Uprobes on functions of a program, here this one: exact counts, of the observed tree alone.
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "kernel/observed_program.h"
#include "probes/functions.h"
#include "symbols/memory_map.h"
#include "symbols/probe_place.h"

// Passed by nobody but these tests. The calls must be real ones, with the argument in its register.
extern "C" __attribute__((noinline)) void vtlab_test_is_passed(std::uint32_t why) {
  asm volatile("" : : "r"(why) : "memory");
}

namespace vtlab::test {
namespace {

// A machine may have no uprobes; that our own program is refused is a fault.
#define ATTACH(functions, places)                         \
  const auto refused = (functions).attach(places);        \
  CHECK_FALSE((refused && refused->starts_with("load"))); \
  VTLAB_NEEDS(!refused, *refused)

// By the place of its code in memory: a program whose symbols were taken away (in VMs) has it, too.
probes::FunctionPlaces places(std::uint32_t key) {
  const auto address = reinterpret_cast<std::uint64_t>(&vtlab_test_is_passed);
  std::ifstream in("/proc/self/maps");
  const std::string text(std::istreambuf_iterator<char>(in), {});
  const std::vector<symbols::Mapping> maps = symbols::parse_maps(text);
  const symbols::Mapping* code = symbols::find(maps, address);
  REQUIRE(code);
  const auto* bytes = reinterpret_cast<const std::byte*>(address);
  const auto place = symbols::probe_place({bytes, symbols::kLongestBeginning});
  return {.key = key,
          .file = "/proc/self/exe",
          .offsets = {address - code->start + code->offset + place.offset}};
}

void pass(unsigned times) {
  for (unsigned i = 0; i < times; ++i) vtlab_test_is_passed(i % 3);
}

}  // namespace

TEST_CASE("passes of a function are counted exactly, and by a word of the call") {
  VTLAB_NEEDS_BPF();
  probes::Session session;
  probes::FunctionProbes functions(session);
  auto here = places(5);
  here.by_word = 0;
  ATTACH(functions, here);
  observe_program(session, [] { pass(1009); });
  CHECK(functions.count(5) == 1009);
  CHECK(functions.count(6) == 0);
  const auto by = functions.by_value(5);
  CHECK(by[0] == 337);
  CHECK(by[1] == 336);
  CHECK(by[2] == 336);
  CHECK(functions.skipped().value_or(0) == 0);
}

TEST_CASE("descendants of the observed program are counted, and nobody else") {
  VTLAB_NEEDS_BPF();
  probes::Session session;
  probes::FunctionProbes functions(session);
  ATTACH(functions, places(0));
  pass(7);  // not observed
  observe_program(
      session,
      [] {
        pass(100);
        const pid_t child = fork();
        if (child == 0) {
          pass(23);
          _exit(0);
        }
        waitpid(child, nullptr, 0);
      },
      [] { pass(11); });
  CHECK(functions.count(0) == 123);
}

TEST_CASE("calls are recorded with their words, or counted as lost") {
  VTLAB_NEEDS_BPF();
  probes::Session session({.record_functions = true});
  probes::FunctionProbes functions(session);
  auto here = places(1);
  here.record = true;
  ATTACH(functions, here);
  observe_program(session, [] { pass(1009); });
  std::vector<probes::FunctionCall> calls;
  functions.drain([&](const probes::FunctionCall& call) { calls.push_back(call); });
  REQUIRE(calls.size() == 1009);
  CHECK(functions.lost() == 0);
  for (std::size_t i = 0; i < calls.size(); ++i) {
    CHECK(calls[i].key == 1);
    CHECK(static_cast<std::uint32_t>(calls[i].words[0]) == i % 3);
    CHECK((i == 0 || calls[i].time_ns >= calls[i - 1].time_ns));
  }
  // A ring that nobody empties: each call is there or counted.
  constexpr unsigned kTooMany = 400'000;
  observe_program(session, [] { pass(kTooMany); });
  std::uint64_t there = 0;
  functions.drain([&](const probes::FunctionCall&) { ++there; });
  CHECK(functions.lost() > 0);
  CHECK(there + functions.lost() == kTooMany);
  CHECK(functions.count(1) == kTooMany + 1009);
}

TEST_CASE("the words of a call can be those of Go's calling convention") {
  VTLAB_NEEDS_BPF();
  probes::Session session({.record_functions = true});
  probes::FunctionProbes functions(session);
  auto here = places(2);
  here.abi = probes::Abi::go;
  here.by_word = 3;
  here.record = true;
  ATTACH(functions, here);
  observe_program(session, [] { pass(17); });
  CHECK(functions.count(2) == 17);
  std::uint64_t sum = 0;
  for (const std::uint64_t count : functions.by_value(2)) sum += count;
  CHECK(sum == 17);
}

TEST_CASE("a place that cannot be probed is refused with the reason, and nothing is attached") {
  VTLAB_NEEDS_BPF();
  probes::Session session;
  probes::FunctionProbes functions(session);
  CHECK(functions.attach({.key = 0, .file = "/no/such/program", .offsets = {16}}));
  auto here = places(0);
  here.offsets.push_back(std::uint64_t{1} << 40);  // beyond the file
  CHECK(functions.attach(here));
  ATTACH(functions, places(0));
  observe_program(session, [] { pass(3); });
  CHECK(functions.count(0) == 3);
}

}  // namespace vtlab::test
