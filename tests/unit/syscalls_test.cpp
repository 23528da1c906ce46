// The numbers of the kernel side as words of the result.
#include "lab/syscalls.h"

#include <sys/socket.h>

#include "scenarios/actions.h"
#include "support/catch.h"

namespace vtlab {
namespace {

using probes::CallRow;
using probes::Wait;

CallRow waiting(Wait wait, std::uint32_t detail = 0) {
  CallRow row;
  row.wait = wait;
  row.detail = detail;
  return row;
}

}  // namespace

TEST_CASE("what a call waited for is said in words, also if nobody has a word for it") {
  CHECK(lab::waited_for(waiting(Wait::nothing)).empty());
  CHECK(lab::waited_for(waiting(Wait::unknown)) == "unknown");
  CHECK(lab::waited_for(waiting(Wait::pipe)) == "pipe");
  CHECK(lab::waited_for(waiting(Wait::child_group)) == "a group's child");
  CHECK(lab::waited_for(waiting(Wait::socket, AF_UNIX << 16 | SOCK_STREAM)) ==
        "unix stream socket");
  CHECK(lab::waited_for(waiting(Wait::socket, 77u << 16 | 9)) == "family 77 type 9 socket");
  CHECK(lab::waited_for(waiting(Wait::futex, 9)) == "futex WAIT_BITSET");
  CHECK(lab::waited_for(waiting(Wait::futex, 99)) == "futex operation 99");
  CHECK(lab::waited_for(waiting(static_cast<Wait>(999))) == "unknown");
}

TEST_CASE("calls are named by their number and their actions by key") {
  probes::Calls calls;
  CallRow row = waiting(Wait::nothing);
  row.number = 1u << 20;  // no call has it
  row.by = static_cast<std::uint32_t>(Action::start_carrier);
  row.during = 63;  // no action has it
  row.error = 513;
  row.returned = 7;
  calls.rows.push_back(row);
  const result::SystemCalls out = lab::to_result(calls, {});
  REQUIRE(out.rows.size() == 1);
  CHECK(out.rows[0].call == "call 1048576");
  CHECK(out.rows[0].made_by == "start-carrier");
  CHECK(out.rows[0].during == "unattributed");
  CHECK(out.rows[0].error == "ERESTARTNOINTR");
  CHECK(out.rows[0].begins_anew());
  CHECK(out.rows[0].entered() == 7);
  CHECK(out.void_because.empty());
}

TEST_CASE("lost calls, a missing rung and skipped runs of a probe void the view of system calls") {
  CHECK_FALSE(lab::to_result({.rows = {}, .lost = 1}, {}).void_because.empty());
  CHECK_FALSE(lab::to_result({.rows = {}, .lost_callers = 1}, {}).void_because.empty());
  result::ProbeNote probe;
  probe.counter = "returns";
  CHECK_FALSE(lab::to_result({}, {probe}).void_because.empty());
  probe.rung = "tp_btf";
  probe.hook = "sys_exit";
  CHECK(lab::to_result({}, {probe}).void_because.empty());
  CHECK(lab::to_result({}, {probe}).seen_by == std::vector<std::string>{"tp_btf sys_exit"});
  probe.recursion_misses = 1;
  CHECK_FALSE(lab::to_result({}, {probe}).void_because.empty());
  probe.counter = "copy_process";  // nothing here rests on it
  CHECK(lab::to_result({}, {probe}).void_because.empty());
}

}  // namespace vtlab
