#include "lab/foreign/causes.h"

#include <algorithm>
#include <utility>

namespace vtlab::lab {
namespace {

KernelView::Row& row(KernelView& view, Action action) {
  return view.by_action.at(static_cast<std::size_t>(action));
}

// Tasks that share the creator's memory go first: a thread does, whatever it is for.
void move(KernelView& view, Action source, Action to, std::uint64_t tasks) {
  KernelView::Row& from = row(view, source);
  tasks = std::min(tasks, from.kernel_tasks);
  from.kernel_tasks -= tasks;
  row(view, to).kernel_tasks += tasks;
  if (!from.sharing_mm) {
    row(view, to).sharing_mm.reset();
    return;
  }
  const std::uint64_t sharing = std::min(tasks, *from.sharing_mm);
  *from.sharing_mm -= sharing;
  row(view, to).sharing_mm = row(view, to).sharing_mm.value_or(0) + sharing;
}

// What counts threads of a kind stands behind "#" or "-"; "G1" and "C2" are names.
std::string without_numbers(const std::string& name) {
  std::string family;
  for (std::size_t i = 0; i < name.size(); ++i) {
    family += name[i];
    if (name[i] != '#' && name[i] != '-') continue;
    const std::size_t after = std::min(name.find_first_not_of("0123456789", i + 1), name.size());
    if (after == i + 1) continue;
    family += "…";
    i = after - 1;
  }
  return family;
}

}  // namespace

Action cause_of_jvm_thread(std::string_view name) {
  const auto is = [&](std::string_view start) { return name.substr(0, start.size()) == start; };
  if (is("unit-")) return Action::start_platform_thread;
  if (is("ForkJoinPool-")) return Action::start_carrier;
  return Action::start_runtime_thread;
}

void attribute(KernelView& view, Language language) {
  if (view.by_action.empty()) return;
  if (language == Language::go) {
    const KernelView::Row& all = row(view, Action::none);
    move(view, Action::none, Action::start_m, all.sharing_mm.value_or(all.kernel_tasks));
    return;
  }
  if (!view.new_tasks_by_name) return;
  for (const auto& [name, tasks] : *view.new_tasks_by_name)
    move(view, Action::none, cause_of_jvm_thread(name), tasks);
}

void tell_timers_from_carriers(KernelView& view, std::uint64_t timers) {
  if (!view.by_action.empty())
    move(view, Action::start_carrier, Action::start_runtime_thread, timers);
}

result::TaskNames by_name(const std::map<std::string, std::uint64_t>& at_gate,
                          const KernelView& window) {
  result::TaskNames names;
  std::map<std::string, result::NamedTasks> families;
  for (const auto& [name, tasks] : at_gate) families[without_numbers(name)].before_window += tasks;
  if (window.new_tasks_by_name) {
    for (const auto& [name, tasks] : *window.new_tasks_by_name)
      families[without_numbers(name)].in_window += tasks;
  } else {
    names.new_missing_because = window.lost_events ? "events were lost" : "only eBPF sees them";
  }
  for (auto& [name, tasks] : families) {
    tasks.name = name.empty() ? "(ended before it had a name)" : name;
    names.rows.push_back(tasks);
  }
  std::stable_sort(names.rows.begin(), names.rows.end(), [](const auto& a, const auto& b) {
    return std::pair(a.in_window, a.before_window) > std::pair(b.in_window, b.before_window);
  });
  return names;
}

}  // namespace vtlab::lab
