// trace_writer.h — packets of a Perfetto trace, one after the other, in pieces. Internal to render.
//
// The numbers of fields are those of Perfetto's published schema (protos/perfetto/trace/*.proto); what is used of it stands
// in tests/support/perfetto.proto, too.
//
// Owns      a piece of the output: memory does not grow with the trace.
// Threads   One at a time.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "render/renderer.h"

namespace vtlab::render {

/// A slice that begins, a moment, or a value, on a track.
struct TrackEvent {
  std::uint64_t at_ns = 0, track = 0;
  std::string_view name;        ///< of slices and moments
  std::uint64_t flow = 0;       ///< an arrow begins here; 0: none
  std::uint64_t flow_ends = 0;  ///< an arrow ends here; 0: none
};

/// Who gives a CPU to whom; tid 0 is nobody.
struct CpuSwitch {
  std::uint64_t at_ns = 0;
  std::uint32_t cpu = 0;
  std::uint32_t prev = 0, next = 0;
  std::string_view prev_name, next_name;
  std::int64_t prev_state = 0;  ///< the kernel's: 0 runnable, 1 sleeps, 16 ended
};

class TraceWriter {
 public:
  explicit TraceWriter(const Sink& sink) : sink_(sink) {}
  ~TraceWriter() { flush(); }
  TraceWriter(const TraceWriter&) = delete;
  TraceWriter& operator=(const TraceWriter&) = delete;

  void process(std::uint64_t track, std::uint32_t pid, std::string_view name);
  void thread(std::uint64_t track, std::uint32_t pid, std::uint32_t tid, std::string_view name);
  /// parent 0: none.
  void track(std::uint64_t track, std::uint64_t parent, std::string_view name);
  void counter(std::uint64_t track, std::uint64_t parent, std::string_view name);

  void begin(const TrackEvent& event);
  void end(std::uint64_t at_ns, std::uint64_t track);
  void moment(const TrackEvent& event);
  void value(std::uint64_t at_ns, std::uint64_t track, std::int64_t value);
  void cpu_switch(const CpuSwitch& s);

 private:
  template <class F>
  void packet(F fill);
  void event(const TrackEvent& event, int type, std::optional<std::int64_t> value = {});
  void flush();

  const Sink& sink_;
  std::string out_, packet_, inner_;
  bool first_ = true;
};

}  // namespace vtlab::render
