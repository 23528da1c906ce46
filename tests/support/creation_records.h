// creation_records.h — records of creations as a machine shows them on which functions cannot be probed.
#pragma once

#include <array>
#include <string>

#include "result/creation.h"
#include "scenarios/actions.h"

namespace vtlab::test {

/// mm, files, fs, sighand, signal
using SharedFive = std::array<bool, 5>;
inline constexpr SharedFive kThread{true, true, true, true, true}, kProcess{},
    kBorrowsMemory{true, false, false, false, false};

/// A task that nobody asked for; each has its own ids.
inline result::Creation worker() {
  static std::uint64_t last_tid = 1000;
  result::Creation c;
  c.action = text(Action::io_uring_worker).key;
  c.asked_by = "io_uring worker";
  c.flags = 0;
  c.creator = 10;
  c.tid = c.tgid = ++last_tid;
  c.time_ns = {std::nullopt, std::nullopt, 200, std::nullopt, 400, 500};
  c.sharing.fill(result::Share::shared);
  c.task =
      result::NewTask{10, 0xffff'0000'0000 + 0x4000 * last_tid, 16384, "SCHED_OTHER", 0, 120, 2};
  return c;
}

/// A task that was asked for and shares that much.
inline result::Creation made(Action action, const std::string& call, const SharedFive& shared) {
  result::Creation c = worker();
  c.action = text(action).key;
  c.asked_by = call;
  c.time_ns = {100, std::nullopt, 200, 300, 400, 500};
  for (std::size_t i = 0; i < shared.size(); ++i)
    c.sharing[i] = shared[i] ? result::Share::shared : result::Share::own;
  return c;
}

inline result::Creation refused(Action action, std::uint64_t flags, const std::string& error) {
  result::Creation c;
  c.action = text(action).key;
  c.asked_by = "clone";
  c.flags = flags;
  c.error = error;
  c.time_ns[0] = 100;
  return c;
}

}  // namespace vtlab::test
