// creator_view.h — a place from which tasks were made, in as few lines as it can be said. Internal to render.
#pragma once

#include <string>
#include <vector>

#include "render/detail.h"
#include "result/creators.h"

namespace vtlab::render {

struct FrameView {
  std::string name;    ///< "pthread_create", or "c+0x11ee" if nobody knows
  std::string where;   ///< "main.cpp:17" or the file's name; empty if the name says it
  std::string folded;  ///< "+3 inside": frames of the same library that led on to it; empty if none
};

struct PlaceView {
  std::string tasks;  ///< "1,009 threads, 3 processes"
  std::vector<FrameView> frames;
  std::size_t start_frames = 0;  ///< not among `frames`: how the thread itself began
  std::string end;               ///< why no more is known; empty if the stack is complete
};

/// The frames of a C library, of a program's start and of Go's runtime that always come together are
/// one line: the outermost of them, which is what the program called.
PlaceView make_place_view(const result::Creator& creator);

/// "1,009 threads, 3 processes".
std::string said(std::uint64_t threads, std::uint64_t processes);

}  // namespace vtlab::render
