#include "render/creator_view.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <string_view>

#include "render/format.h"

namespace vtlab::render {
namespace {

using result::CreatorFrame;

std::string_view base_name(std::string_view path) {
  return path.substr(path.find_last_of('/') + 1);
}

bool is_c_library(const CreatorFrame& frame) {
  const std::string_view file = base_name(frame.file);
  constexpr std::array<std::string_view, 6> kBegin = {"libc.so.",  "libc-2.",  "libpthread",
                                                      "ld-linux-", "ld-musl-", "libc.musl-"};
  return std::any_of(kBegin.begin(), kBegin.end(),
                     [&](std::string_view begin) { return file.starts_with(begin); });
}

// Functions that stand between what a program calls and the system call, or between the kernel and main,
// also where they are linked into the program.
bool is_inside(const CreatorFrame& frame) {
  if (is_c_library(frame)) return true;
  std::string_view name = frame.function;
  if (name.ends_with(".abi0")) name.remove_suffix(5);
  constexpr std::array<std::string_view, 16> kNames = {"_start",
                                                       "_Fork",
                                                       "clone",
                                                       "clone3",
                                                       "create_thread",
                                                       "start_thread",
                                                       "std::thread::_M_start_thread",
                                                       "runtime.clone",
                                                       "runtime.newosproc",
                                                       "runtime.newosproc.func1",
                                                       "runtime.retryOnEAGAIN",
                                                       "runtime.newm1",
                                                       "runtime.newm",
                                                       "runtime.mstart",
                                                       "runtime.mstart0",
                                                       "runtime.mstart1"};
  return name.starts_with("__") || base_name(frame.file).starts_with("libstdc++.so.") ||
         std::find(kNames.begin(), kNames.end(), name) != kNames.end();
}

std::string hex(std::uint64_t value) {
  char digits[16];
  return {digits, std::to_chars(digits, digits + sizeof digits, value, 16).ptr};
}

// C++ names without their parameters: mostly they are told apart without, and the lines are short.
std::string without_parameters(std::string name) {
  const std::size_t end = name.ends_with(") const") ? name.size() - 6 : name.size();
  if (end == 0 || name[end - 1] != ')') return name;
  std::size_t depth = 0, at = end;
  while (at > 0) {
    const char c = name[--at];
    if (c == ')') ++depth;
    if (c == '(' && --depth == 0) break;
  }
  if (depth == 0 && at > 0) name.resize(at);
  return name;
}

FrameView show(const CreatorFrame& frame) {
  const std::string file = one_line(base_name(frame.file));
  if (frame.function.empty())
    return {(file.empty() ? "" : file + "+") + "0x" + hex(frame.address), "", ""};
  const std::string line = one_line(base_name(frame.line));
  std::string name = one_line(without_parameters(frame.function));
  // "__fork" is what the library calls it by itself.
  if (is_c_library(frame) && name.starts_with("__") && !name.starts_with("__libc"))
    name.erase(0, 2);
  return {name, line.empty() || is_c_library(frame) ? file : line, ""};
}

std::string why_it_ends(result::CreatorEnd end) {
  switch (end) {
    case result::CreatorEnd::outermost:
      return "";
    case result::CreatorEnd::frame_pointers:
      return "by frame pointers: callers without one are left out";
    case result::CreatorEnd::no_rules:
      return "the stack ends here: no unwind rules and no frame pointer";
    case result::CreatorEnd::not_copied:
      return "the stack ends here: it is deeper than what is taken of it";
    case result::CreatorEnd::no_code:
      return "the stack ends here: what is mapped at the caller's address is not known";
  }
  return "";
}

}  // namespace

std::string said(std::uint64_t threads, std::uint64_t processes) {
  const auto some = [](std::uint64_t count, const char* one, const char* many) {
    return format_count(count) + " " + (count == 1 ? one : many);
  };
  std::string text;
  if (threads || !processes) text = some(threads, "thread", "threads");
  if (processes) text += (text.empty() ? "" : ", ") + some(processes, "process", "processes");
  return text;
}

PlaceView make_place_view(const result::Creator& creator) {
  PlaceView view;
  view.tasks = said(creator.threads, creator.processes);
  const auto& frames = creator.frames;
  if (frames.empty()) {
    view.end = creator.missing_because;
    return view;
  }
  view.end = why_it_ends(creator.end);
  for (std::size_t i = 0; i < frames.size();) {
    std::size_t after = i + 1;
    while (is_inside(frames[i]) && after < frames.size() && is_inside(frames[after])) ++after;
    // What calls the library that calls main is _start, also where it has lost its name.
    if (after + 1 == frames.size() && is_inside(frames[i]) && frames[after].function.empty() &&
        creator.end == result::CreatorEnd::outermost && i > 0)
      ++after;
    if (i > 0 && after == frames.size() && is_inside(frames[i])) {
      view.start_frames = after - i;
      break;
    }
    view.frames.push_back(show(frames[after - 1]));
    if (after - i > 1) view.frames.back().folded = "+" + format_count(after - i - 1) + " inside";
    i = after;
  }
  return view;
}

}  // namespace vtlab::render
