#include "render/trace_writer.h"

#include <protozero/pbf_writer.hpp>

namespace vtlab::render {
namespace {

using protozero::pbf_writer;

constexpr std::size_t kPiece = 64 << 10;

enum Type { kBegin = 1, kEnd = 2, kMoment = 3, kValue = 4 };

}  // namespace

void TraceWriter::flush() {
  if (!out_.empty()) sink_(out_);
  out_.clear();
}

template <class F>
void TraceWriter::packet(F fill) {
  packet_.clear();
  pbf_writer packet(packet_);
  fill(packet);
  packet.add_uint32(10, 1);              // trusted_packet_sequence_id
  if (first_) packet.add_uint32(13, 1);  // sequence_flags: nothing that came before counts
  first_ = false;
  pbf_writer(out_).add_message(1, packet_);
  if (out_.size() >= kPiece) flush();
}

void TraceWriter::process(std::uint64_t track, std::uint32_t pid, std::string_view name) {
  packet([&](pbf_writer& packet) {
    pbf_writer descriptor(packet, 60);
    descriptor.add_uint64(1, track);
    pbf_writer process(descriptor, 3);
    process.add_int32(1, static_cast<std::int32_t>(pid));
    process.add_string(6, name.data(), name.size());
  });
}

void TraceWriter::thread(std::uint64_t track, std::uint32_t pid, std::uint32_t tid,
                         std::string_view name) {
  packet([&](pbf_writer& packet) {
    pbf_writer descriptor(packet, 60);
    descriptor.add_uint64(1, track);
    pbf_writer thread(descriptor, 4);
    thread.add_int32(1, static_cast<std::int32_t>(pid));
    thread.add_int32(2, static_cast<std::int32_t>(tid));
    thread.add_string(5, name.data(), name.size());
  });
}

void TraceWriter::track(std::uint64_t track, std::uint64_t parent, std::string_view name) {
  packet([&](pbf_writer& packet) {
    pbf_writer descriptor(packet, 60);
    descriptor.add_uint64(1, track);
    descriptor.add_string(2, name.data(), name.size());
    if (parent != 0) descriptor.add_uint64(5, parent);
  });
}

void TraceWriter::counter(std::uint64_t track, std::uint64_t parent, std::string_view name) {
  packet([&](pbf_writer& packet) {
    pbf_writer descriptor(packet, 60);
    descriptor.add_uint64(1, track);
    descriptor.add_string(2, name.data(), name.size());
    descriptor.add_uint64(5, parent);
    descriptor.add_message(8, "", 0);  // CounterDescriptor
  });
}

void TraceWriter::event(const TrackEvent& e, int type, std::optional<std::int64_t> value) {
  packet([&](pbf_writer& packet) {
    packet.add_uint64(8, e.at_ns);
    pbf_writer event(packet, 11);
    event.add_enum(9, type);
    event.add_uint64(11, e.track);
    if (!e.name.empty()) event.add_string(23, e.name.data(), e.name.size());
    if (value) event.add_int64(30, *value);
    if (e.flow != 0) event.add_fixed64(47, e.flow);
    if (e.flow_ends != 0) event.add_fixed64(48, e.flow_ends);
  });
}

void TraceWriter::begin(const TrackEvent& e) {
  event(e, kBegin);
}

void TraceWriter::end(std::uint64_t at_ns, std::uint64_t track) {
  event({.at_ns = at_ns, .track = track}, kEnd);
}

void TraceWriter::moment(const TrackEvent& e) {
  event(e, kMoment);
}

void TraceWriter::value(std::uint64_t at_ns, std::uint64_t track, std::int64_t value) {
  event({.at_ns = at_ns, .track = track}, kValue, value);
}

// As ftrace would have told it: only so does the viewer draw the CPUs.
void TraceWriter::cpu_switch(const CpuSwitch& s) {
  packet([&](pbf_writer& packet) {
    pbf_writer bundle(packet, 1);
    bundle.add_uint32(1, s.cpu);
    pbf_writer event(bundle, 2);
    event.add_uint64(1, s.at_ns);
    event.add_uint32(2, s.prev);
    pbf_writer change(event, 4);
    change.add_string(1, s.prev_name.data(), s.prev_name.size());
    change.add_int32(2, static_cast<std::int32_t>(s.prev));
    change.add_int32(3, 120);
    change.add_int64(4, s.prev_state);
    change.add_string(5, s.next_name.data(), s.next_name.size());
    change.add_int32(6, static_cast<std::int32_t>(s.next));
    change.add_int32(7, 120);
  });
}

}  // namespace vtlab::render
