#include "result/creators_json.h"

#include <array>
#include <string_view>

namespace vtlab::result {
namespace {

// By CreatorEnd.
constexpr std::array<std::string_view, 5> kEndWords = {"outermost", "frame_pointers", "no_rules",
                                                       "not_copied", "no_code"};

Json write(const CreatorFrame& frame) {
  Json out = Json::object();
  put_if(out, "function", frame.function);
  put_if(out, "file", frame.file);
  put_if(out, "line", frame.line);
  if (frame.function.empty()) out["address"] = hex(frame.address);
  return out;
}

Json write(const Creator& creator) {
  Json out;
  out["threads"] = creator.threads;
  out["processes"] = creator.processes;
  if (creator.frames.empty()) {
    out["frames_missing_because"] = creator.missing_because;
    return out;
  }
  out["frames"] = list(creator.frames, [](const CreatorFrame& frame) { return write(frame); });
  out["end"] = kEndWords[static_cast<std::size_t>(creator.end)];
  return out;
}

CreatorFrame read_frame(const Node& in) {
  in.expect_object();
  CreatorFrame frame{in.text_if("function"), in.text_if("file"), in.text_if("line"), 0};
  if (frame.function.empty()) frame.address = in.at("address").address();
  return frame;
}

CreatorEnd read_end(const Node& in) {
  const std::string word = in.text();
  for (std::size_t i = 0; i < kEndWords.size(); ++i)
    if (kEndWords[i] == word) return static_cast<CreatorEnd>(i);
  in.fail("expected outermost, frame_pointers, no_rules, not_copied or no_code, found \"" + word +
          "\"");
}

Creator read_creator(const Node& in) {
  in.expect_object();
  Creator creator;
  creator.threads = in.whole("threads");
  creator.processes = in.whole("processes");
  creator.missing_because = in.reason_unless("frames", "frames_missing_because");
  creator.frames = in.list_if("frames", read_frame);
  if (in.has("frames")) creator.end = read_end(in.at("end"));
  return creator;
}

}  // namespace

Json write(const Creators& creators) {
  Json out;
  out["tasks"] = creators.tasks;
  out["not_recorded"] = creators.not_recorded;
  out["places"] = list(creators.places, [](const Creator& place) { return write(place); });
  return out;
}

Creators read_creators(const Node& in) {
  in.expect_object();
  Creators out;
  out.tasks = in.whole("tasks");
  out.not_recorded = in.whole("not_recorded");
  out.places = in.list("places", read_creator);
  return out;
}

}  // namespace vtlab::result
