#include "lab/creators.h"

#include <algorithm>
#include <tuple>

namespace vtlab::lab {
namespace {

symbols::ImageId to_symbols(const probes::Image& image) {
  return {image.start_code, image.start_stack, image.execs};
}

std::vector<std::vector<probes::PathWord>> to_probes(
    const std::vector<std::vector<symbols::Word>>& steps) {
  std::vector<std::vector<probes::PathWord>> out;
  for (const auto& words : steps) {
    auto& step = out.emplace_back();
    for (const symbols::Word& word : words)
      step.push_back({static_cast<probes::PathWord::Source>(word.source), word.relative,
                      word.offset, word.value});
  }
  return out;
}

result::CreatorFrame named(const symbols::Name& name) {
  return {name.function, name.file, name.line, name.function.empty() ? name.address : 0};
}

const char* why_no_frames(const symbols::Unwound& stack, bool had_registers) {
  if (!had_registers) return "the creator was no x86-64 program";
  return stack.end == symbols::StackEnd::no_code
             ? "the creator's process had ended before its memory map was read"
             : "its stack could not be read";
}

}  // namespace

void CreatorStacks::begin() {
  session_.drain_stacks([](const probes::Stack&) {});
  for (Place& place : places_) place.threads = place.processes = 0;
  for (std::size_t i = 0; i < learned_.size(); ++i) learned_[i].before = session_.count_of(i);
}

void CreatorStacks::service() {
  session_.drain_stacks([this](const probes::Stack& stack) { take(stack); });
}

void CreatorStacks::take(const probes::Stack& stack) {
  const symbols::ImageId image = to_symbols(stack.image);
  symbols::Unwound unwound;
  if (stack.registers)
    unwound = processes_.unwind(image, stack.by_tgid, stack.tgid,
                                {*stack.registers, stack.bytes, stack.frames});
  else
    unwound.end = symbols::StackEnd::no_rules;
  if (!unwound.frames.empty()) session_.map_was_read(stack.image);
  const auto steps = unwound.steps;
  const std::size_t place = place_of(image, std::move(unwound));
  (stack.tgid == stack.by_tgid ? places_[place].threads : places_[place].processes) += 1;
  if (steps.empty()) return;
  const auto number =
      session_.learn({stack.image, (*stack.registers)[symbols::kRip], to_probes(steps)});
  if (number && *number == learned_.size()) learned_.push_back({place, {}});
}

std::size_t CreatorStacks::place_of(const symbols::ImageId& image, symbols::Unwound stack) {
  Key key;
  for (const symbols::Frame& frame : stack.frames)
    key.emplace_back(frame.code.file, frame.code.address);
  key.emplace_back(nullptr, static_cast<std::uint64_t>(stack.end));
  const auto [known, is_new] = known_.try_emplace(std::move(key), places_.size());
  if (is_new) places_.push_back({image, std::move(stack)});
  return known->second;
}

result::Creators CreatorStacks::end(std::uint64_t tasks, std::uint64_t lost) {
  service();
  for (std::size_t i = 0; i < learned_.size(); ++i) {
    const probes::PathCount now = session_.count_of(i);
    Place& place = places_[learned_[i].place];
    place.threads += now.threads - learned_[i].before.threads;
    place.processes += now.processes - learned_[i].before.processes;
  }
  result::Creators out;
  for (const Place& place : places_) {
    if (place.threads + place.processes == 0) continue;
    result::Creator row;
    for (const symbols::Frame& frame : place.stack.frames)
      row.frames.push_back(named(processes_.name(place.image, frame)));
    row.end = static_cast<result::CreatorEnd>(place.stack.end);
    if (row.frames.empty())
      row.missing_because =
          why_no_frames(place.stack, place.stack.end != symbols::StackEnd::no_rules);
    // Addresses differ where names do not: two calls on one line, a library loaded by two programs.
    const auto same = std::find_if(out.places.begin(), out.places.end(), [&](const auto& other) {
      return other.end == row.end && other.frames == row.frames &&
             other.missing_because == row.missing_because;
    });
    result::Creator& to =
        same == out.places.end() ? out.places.emplace_back(std::move(row)) : *same;
    to.threads += place.threads;
    to.processes += place.processes;
    out.tasks += place.threads + place.processes;
  }
  std::stable_sort(out.places.begin(), out.places.end(),
                   [](const auto& a, const auto& b) { return a.tasks() > b.tasks(); });
  out.not_recorded = lost;
  out.tasks = std::max(tasks, out.tasks + lost);
  begin();
  return out;
}

}  // namespace vtlab::lab
