// New tasks of another runtime, which publishes nothing, under the actions that they are for.
#include "lab/foreign/causes.h"
#include "support/catch.h"

namespace vtlab::test {
namespace {

lab::KernelView unattributed(std::uint64_t tasks, std::optional<std::uint64_t> sharing) {
  lab::KernelView view;
  view.kernel_tasks = tasks;
  view.by_action.assign(kActionCount, {0, 0});
  view.by_action[0] = {tasks, sharing};
  return view;
}

std::uint64_t tasks(const lab::KernelView& view, Action action) {
  return view.by_action[static_cast<std::size_t>(action)].kernel_tasks;
}

}  // namespace

TEST_CASE("threads of a JVM go by their names, as far as the kernel keeps them") {
  CHECK(lab::cause_of_jvm_thread("unit-17") == Action::start_platform_thread);
  CHECK(lab::cause_of_jvm_thread("ForkJoinPool-1-") == Action::start_carrier);
  CHECK(lab::cause_of_jvm_thread("VirtualThread-u") == Action::start_runtime_thread);
  CHECK(lab::cause_of_jvm_thread("") == Action::start_runtime_thread);
  lab::KernelView view = unattributed(14, 14);
  view.new_tasks_by_name = {
      {"unit-0", 1}, {"unit-1", 10}, {"ForkJoinPool-1-", 2}, {"GC Thread#1", 1}};
  attribute(view, Language::java);
  CHECK(tasks(view, Action::start_platform_thread) == 11);
  CHECK(tasks(view, Action::start_carrier) == 2);
  CHECK(tasks(view, Action::start_runtime_thread) == 1);
  CHECK(tasks(view, Action::none) == 0);
  CHECK(view.by_action[static_cast<std::size_t>(Action::start_platform_thread)].sharing_mm == 11);
}

TEST_CASE("a task whose name nobody saw stays unattributed, and none is made up") {
  lab::KernelView view = unattributed(5, 5);
  attribute(view, Language::java);  // names are absent
  CHECK(tasks(view, Action::none) == 5);
  view.new_tasks_by_name = {{"unit-0", 9}};  // more than the kernel counted
  attribute(view, Language::java);
  CHECK(tasks(view, Action::start_platform_thread) == 5);
  CHECK(tasks(view, Action::none) == 0);
}

TEST_CASE("threads of a Go program are Ms, its processes are not") {
  lab::KernelView view = unattributed(7, 6);
  attribute(view, Language::go);
  CHECK(tasks(view, Action::start_m) == 6);
  CHECK(tasks(view, Action::none) == 1);
  lab::KernelView unknown = unattributed(3, std::nullopt);
  attribute(unknown, Language::go);
  CHECK(tasks(unknown, Action::start_m) == 3);
  CHECK_FALSE(unknown.by_action[static_cast<std::size_t>(Action::start_m)].sharing_mm);
}

TEST_CASE("threads that keep deadlines are told from carriers, whose name they share") {
  lab::KernelView view = unattributed(4, 4);
  view.new_tasks_by_name = {{"ForkJoinPool-1-", 3}, {"VirtualThread-u", 1}};
  attribute(view, Language::java);
  tell_timers_from_carriers(view, 1);
  CHECK(tasks(view, Action::start_carrier) == 2);
  CHECK(tasks(view, Action::start_runtime_thread) == 2);
}

TEST_CASE("threads that differ in a number only are one line, and versions in names are kept") {
  lab::KernelView view;
  view.new_tasks_by_name = {{"unit-0", 1}, {"unit-12", 1}, {"C2 CompilerThre", 1}, {"", 2}};
  const result::TaskNames names =
      lab::by_name({{"C1 CompilerThre", 1}, {"C2 CompilerThre", 1}, {"GC Thread#0", 1}}, view);
  REQUIRE(names.rows.size() == 5);
  CHECK(names.new_missing_because.empty());
  const auto row = [&](const std::string& name) {
    for (const result::NamedTasks& one : names.rows)
      if (one.name == name) return std::pair(one.before_window, one.in_window);
    return std::pair<std::uint64_t, std::uint64_t>(99, 99);
  };
  CHECK(row("unit-…") == std::pair<std::uint64_t, std::uint64_t>(0, 2));
  CHECK(row("C1 CompilerThre") == std::pair<std::uint64_t, std::uint64_t>(1, 0));
  CHECK(row("C2 CompilerThre") == std::pair<std::uint64_t, std::uint64_t>(1, 1));
  CHECK(row("GC Thread#…") == std::pair<std::uint64_t, std::uint64_t>(1, 0));
  CHECK(row("(ended before it had a name)") == std::pair<std::uint64_t, std::uint64_t>(0, 2));
  CHECK_FALSE(lab::by_name({}, lab::KernelView{}).new_missing_because.empty());
}

}  // namespace vtlab::test
