#include "lab/unit_timeline.h"

#include <algorithm>

namespace vtlab::lab {

using result::Timeline;

UnitTimeline::UnitTimeline(Timeline& timeline) : timeline_(timeline) {
  for (std::uint32_t i = 0; i < timeline.tasks.size(); ++i)
    tasks_[timeline.tasks[i].tid].push_back(i);
  for (std::uint32_t i = 0; i < timeline.units.size(); ++i) units_.emplace(timeline.units[i].id, i);
  for (std::uint32_t i = 0; i < timeline.words.size(); ++i) words_.emplace(timeline.words[i], i);
}

std::uint32_t UnitTimeline::task(std::uint32_t tid, std::uint64_t at_ns) const {
  const auto known = tasks_.find(tid);
  if (known == tasks_.end()) return Timeline::kNobody;
  std::uint32_t last = known->second.front();
  for (const std::uint32_t task : known->second)
    if (timeline_.tasks[task].born_ns.value_or(0) <= at_ns) last = task;
  return last;
}

std::uint32_t UnitTimeline::unit(std::uint64_t id) {
  const auto [at, fresh] = units_.emplace(id, static_cast<std::uint32_t>(timeline_.units.size()));
  if (fresh) timeline_.units.push_back({.id = id});
  return at->second;
}

bool UnitTimeline::has_name(std::uint32_t unit) const {
  return timeline_.units[unit].name != Timeline::kNobody;
}

void UnitTimeline::name(std::uint32_t unit, std::string name) {
  timeline_.units[unit].name = static_cast<std::uint32_t>(timeline_.unit_names.size());
  timeline_.unit_names.push_back(std::move(name));
}

std::uint32_t UnitTimeline::word(std::string_view text) {
  if (text.empty()) return Timeline::kNobody;
  const auto [at, fresh] = words_.emplace(text, static_cast<std::uint32_t>(timeline_.words.size()));
  if (fresh) timeline_.words.emplace_back(text);
  return at->second;
}

// Its place is its beginning's, so that mounts are in order of time; the end is told later.
void UnitTimeline::mount(std::uint64_t at_ns, std::uint32_t unit, std::uint32_t task) {
  if (task == Timeline::kNobody) return;
  unmount(at_ns, task, Timeline::MountEnd::open);
  if (timeline_.mounts.size() >= kMostMounts) return void(++mounts_not_kept_);
  mounted_[task] = timeline_.mounts.size();
  timeline_.mounts.push_back({.from_ns = at_ns, .to_ns = at_ns, .unit = unit, .task = task});
}

void UnitTimeline::unmount(std::uint64_t at_ns, std::uint32_t task, Timeline::MountEnd how) {
  const auto known = mounted_.find(task);
  if (known == mounted_.end()) return;
  Timeline::Mount& mount = timeline_.mounts[known->second];
  mounted_.erase(known);
  mount.to_ns = std::max(at_ns, mount.from_ns);
  mount.end = how;
}

void UnitTimeline::forget(std::uint32_t task) {
  const auto known = mounted_.find(task);
  if (known == mounted_.end()) return;
  timeline_.mounts[known->second].unit = Timeline::kNobody;
  mounted_.erase(known);
  any_forgotten_ = true;
}

void UnitTimeline::event(const Timeline::Event& event) {
  if (timeline_.events.size() < kMostEvents)
    timeline_.events.push_back(event);
  else
    ++events_not_kept_;
}

void UnitTimeline::lost(const std::string& what, std::uint64_t count) {
  if (count == 0) return;
  for (Timeline::Loss& loss : timeline_.lost)
    if (loss.what == what) return void(loss.count += count);
  timeline_.lost.push_back({what, count});
}

void UnitTimeline::finish(std::uint64_t end_ns) {
  while (!mounted_.empty()) unmount(end_ns, mounted_.begin()->first, Timeline::MountEnd::open);
  lost("mounts that found no room", mounts_not_kept_);
  lost("events that found no room", events_not_kept_);
  if (any_forgotten_)
    erase_if(timeline_.mounts, [](const auto& mount) { return mount.unit == Timeline::kNobody; });
  const auto begins_earlier = [](const auto& a, const auto& b) { return a.from_ns < b.from_ns; };
  sort_if_needed(timeline_.mounts, begins_earlier);
  sort_if_needed(timeline_.events, [](const auto& a, const auto& b) { return a.at_ns < b.at_ns; });
}

}  // namespace vtlab::lab
