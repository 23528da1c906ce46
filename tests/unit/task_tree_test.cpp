// task_tree_test.cpp — births and deaths → who made what: tids that come twice, threads that exec,
// events that were lost.
#include "lab/task_tree.h"

#include <string_view>

#include "support/catch.h"

namespace vtlab::test {
namespace {

using lab::TaskTree;
using probes::Event;
using probes::EventKind;

Event born(std::uint32_t tid, std::uint32_t tgid, std::uint32_t by) {
  Event event;
  event.kind = EventKind::started;
  event.tid = tid;
  event.tgid = tgid;
  event.by_tid = by;
  return event;
}

Event died(std::uint32_t tid, std::uint32_t tgid, const char* name = "some") {
  Event event;
  event.kind = EventKind::exited;
  event.tid = tid;
  event.tgid = tgid;
  std::string_view(name).copy(event.comm.data(), event.comm.size());
  return event;
}

TaskTree tree_of(const std::vector<Event>& events) {
  TaskTree tree;
  tree.begin_with(10, {10});
  for (const Event& event : events) tree.take(event);
  return tree;
}

}  // namespace

TEST_CASE("a thread is counted for its process, a process for the one whose thread made it") {
  const TaskTree tree = tree_of({born(11, 10, 10), born(12, 12, 11), born(13, 12, 12)});
  REQUIRE(tree.processes().size() == 2);
  CHECK(tree.processes()[0].threads_made == 1);
  CHECK(tree.processes()[0].processes_made == 1);
  CHECK(tree.processes()[1].by == 0u);
  CHECK(tree.processes()[1].threads_made == 1);
  CHECK(tree.threads() == 2);
  CHECK(tree.new_processes() == 1);
  CHECK(tree.alive() == 4);
}

TEST_CASE("the most alive at once counts who was there and forgets who ended") {
  const TaskTree tree =
      tree_of({born(11, 10, 10), died(11, 10), born(12, 10, 10), born(13, 10, 10), died(12, 10)});
  CHECK(tree.most_alive() == 3);
  CHECK(tree.alive() == 2);
}

TEST_CASE("a process has the name of its first thread at its end, cut at sixteen bytes") {
  const TaskTree tree =
      tree_of({born(11, 10, 10), died(11, 10, "a thread"), died(10, 10, "sixteen bytes ab")});
  CHECK(tree.processes()[0].name == "sixteen bytes ab");
  CHECK(tree.alive() == 0);
}

TEST_CASE("a pid that comes twice is two processes, and the second has its own creator") {
  const TaskTree tree = tree_of({born(11, 11, 10), died(11, 11, "one"), born(12, 12, 10),
                                 born(11, 11, 12), born(20, 11, 11)});
  REQUIRE(tree.processes().size() == 4);
  CHECK(tree.processes()[1].name == "one");
  CHECK(tree.processes()[1].threads_made == 0);
  CHECK(tree.processes()[3].tgid == 11);
  CHECK(tree.processes()[3].by == 2u);
  CHECK(tree.processes()[3].threads_made == 1);
}

TEST_CASE("a tid that was a thread of one process can be the pid of another") {
  const TaskTree tree =
      tree_of({born(11, 10, 10), died(11, 10), born(11, 11, 10), born(12, 12, 11)});
  REQUIRE(tree.processes().size() == 3);
  CHECK(tree.processes()[2].by == 1u);
}

TEST_CASE("a thread that calls exec goes on under the pid, with the name of the new program") {
  const TaskTree tree = tree_of({born(11, 10, 10), died(10, 10, "old"),  // exec by 11, now 10
                                 born(12, 12, 10), died(10, 10, "new")});
  CHECK(tree.processes()[0].name == "new");
  CHECK(tree.processes()[0].processes_made == 1);
  CHECK(tree.processes()[1].by == 0u);
}

TEST_CASE("a creator that nobody knows leaves a process without one") {
  const TaskTree tree = tree_of({born(99, 99, 98), died(55, 54)});
  REQUIRE(tree.processes().size() == 2);
  CHECK_FALSE(tree.processes()[1].by);
  CHECK(tree.alive() == 1);
}

TEST_CASE("more processes than are listed are still counted") {
  TaskTree tree;
  tree.begin_with(1, {1});
  const auto most = static_cast<std::uint32_t>(TaskTree::kMostListed);
  for (std::uint32_t pid = 2; pid <= most + 5; ++pid) {
    tree.take(born(pid, pid, 1));
    tree.take(died(pid, pid));
  }
  CHECK(tree.processes().size() == most);
  CHECK(tree.not_listed() == 5);
  CHECK(tree.new_processes() == most + 4);
  CHECK(tree.processes()[0].processes_made == most + 4);
}

TEST_CASE("processes that were there have their parents, threads and later names") {
  TaskTree tree;
  tree.begin_with(10, {10, 11});
  tree.begin_with(20, {20}, 10);
  tree.take(born(12, 10, 11));
  tree.name_the_living([](std::uint32_t tgid) { return "p" + std::to_string(tgid); });
  CHECK(tree.processes()[0].was_there);
  CHECK(tree.processes()[1].by == 0u);
  CHECK(tree.processes()[0].threads_made == 1);
  CHECK(tree.processes()[1].name == "p20");
  CHECK(tree.alive() == 4);
}

}  // namespace vtlab::test
