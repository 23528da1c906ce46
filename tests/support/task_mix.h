// task_mix.h — a seed → a family of processes and threads, and what is true of it.
//
// The family is a tree of nodes. Each chooses, by the seed and its place, some ways to make tasks; in
// some of them a new task is a node itself. task_mix.cpp carries the plan out and complains about any
// step that did not end as planned, so truth() computes by plain recursion what the kernel must have
// done, whatever the order was.
#pragma once

#include <array>
#include <cstdint>

#include "support/random.h"

namespace vtlab::test::mix {

/// Of all tasks below the first one.
struct Truth {
  std::uint64_t processes = 0, threads = 0;  ///< made
  std::uint64_t sharing_mm = 0;              ///< of both: born with their creator's address space
  std::uint64_t vforks = 0;                  ///< of the processes: made by the system call vfork
  std::uint64_t execs = 0;                   ///< that succeeded
  std::uint64_t orphans = 0;                 ///< whose parent has ended before them
  std::uint64_t refused_early = 0;           ///< calls that failed before they were in kernel_clone
  std::uint64_t refused_late = 0;  ///< calls that failed in kernel_clone or in copy_process

  std::uint64_t tasks() const { return processes + threads; }

  Truth& operator+=(const Truth& other) {
    processes += other.processes;
    threads += other.threads;
    sharing_mm += other.sharing_mm;
    vforks += other.vforks;
    execs += other.execs;
    orphans += other.orphans;
    refused_early += other.refused_early;
    refused_late += other.refused_late;
    return *this;
  }
};

enum class Way : std::uint8_t {
  fork,                   // a child that is a node
  fork_exec,              // a child that becomes another program, and that is a node
  vfork,                  // ends at once
  vfork_exec,             // becomes a program that ends at once
  spawn,                  // posix_spawn, likewise
  thread,                 // is a node
  short_thread,           // ends at once
  detached_thread,        // likewise, and nobody waits for it
  raw_thread,             // clone(2): ends at once
  raw_clone,              // clone(2) as fork does it: ends at once
  raw_clone3,             // clone3(2) likewise, but becomes a program that is a node
  borrowed_memory,        // clone(2) with CLONE_VM only: a process in its creator's memory
  double_fork,            // a child that ends at once, and its orphan that is a node
  exec_in_thread,         // a child whose second thread becomes a program that is a node
  first_thread_leaves,    // a child whose first thread ends while the second one is a node
  killed,                 // a child with a waiting thread, by SIGKILL
  fails_in_call,          // clone3(2) with a structure that is too small
  fails_in_copy,          // clone(2): CLONE_SIGHAND without CLONE_VM
  fails_in_kernel_clone,  // clone(2): CLONE_PIDFD and CLONE_PARENT_SETTID want the same address
  number_of_ways
};

struct Node {
  std::uint64_t seed;
  int depth;  ///< 0: does nothing

  Node child(std::uint64_t number) const {
    return {Random(seed * 31 + (number + 1) * 0x9e3779b97f4a7c15U).below(1U << 31), depth - 1};
  }
};

struct Choice {
  Way way{};
  Node node{};            ///< what the new task does, if it is one that does something
  bool together = false;  ///< is still going on while the next choice is made, if it can
};

struct Choices {
  std::array<Choice, 6> all{};
  unsigned count = 0;
  const Choice* begin() const { return all.data(); }
  const Choice* end() const { return all.data() + count; }
};

inline Choices choices(const Node& node) {
  Choices made;
  if (node.depth == 0) return made;
  Random random(node.seed + 0x51ed2701);
  made.count = 1 + static_cast<unsigned>(random.below(made.all.size()));
  for (unsigned i = 0; i < made.count; ++i) {
    const auto ways = static_cast<std::uint64_t>(Way::number_of_ways);
    made.all[i] = {static_cast<Way>(random.below(ways)), node.child(i), random.below(2) == 1};
  }
  return made;
}

/// What the choice itself makes, and whether its node is carried out too.
struct Part {
  Truth truth;
  bool has_node;
};

constexpr Part part(Way way) {
  switch (way) {
    case Way::fork:
      return {{.processes = 1}, true};
    case Way::fork_exec:
    case Way::raw_clone3:
      return {{.processes = 1, .execs = 1}, true};
    case Way::vfork:
      return {{.processes = 1, .sharing_mm = 1, .vforks = 1}, false};
    case Way::vfork_exec:
      return {{.processes = 1, .sharing_mm = 1, .vforks = 1, .execs = 1}, false};
    case Way::spawn:
      return {{.processes = 1, .sharing_mm = 1, .execs = 1}, false};
    case Way::thread:
      return {{.threads = 1, .sharing_mm = 1}, true};
    case Way::short_thread:
    case Way::detached_thread:
    case Way::raw_thread:
      return {{.threads = 1, .sharing_mm = 1}, false};
    case Way::raw_clone:
      return {{.processes = 1}, false};
    case Way::borrowed_memory:
      return {{.processes = 1, .sharing_mm = 1}, false};
    case Way::double_fork:
      return {{.processes = 2, .orphans = 1}, true};
    case Way::exec_in_thread:
      return {{.processes = 1, .threads = 1, .sharing_mm = 1, .execs = 1}, true};
    case Way::first_thread_leaves:
      return {{.processes = 1, .threads = 1, .sharing_mm = 1}, true};
    case Way::killed:
      return {{.processes = 1, .threads = 1, .sharing_mm = 1}, false};
    case Way::fails_in_call:
      return {{.refused_early = 1}, false};
    case Way::fails_in_copy:
    case Way::fails_in_kernel_clone:
      return {{.refused_late = 1}, false};
    case Way::number_of_ways:
      break;
  }
  return {{}, false};
}

inline Truth truth(const Node& node) {
  Truth all;
  for (const Choice& choice : choices(node)) {
    const Part own = part(choice.way);
    all += own.truth;
    if (own.has_node) all += truth(choice.node);
  }
  return all;
}

/// What the program task-mix does with this seed.
constexpr Node root(std::uint64_t seed) {
  return {seed, 3};
}

}  // namespace vtlab::test::mix
