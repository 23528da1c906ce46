#include "result/scheduling_json.h"

namespace vtlab::result {
namespace {

Json write(const Spread& spread) {
  Json out;
  out["count"] = spread.count;
  out["total_ns"] = spread.total_ns;
  out["p50_ns"] = spread.p50_ns;
  out["p99_ns"] = spread.p99_ns;
  out["max_ns"] = spread.max_ns;
  out["histogram"] = list(spread.rows, [](const SpreadRow& row) {
    Json each;
    each["up_to_ns"] = row.up_to_ns;
    each["count"] = row.count;
    return each;
  });
  return out;
}

Spread read_spread(const Node& in) {
  in.expect_object();
  Spread out{in.whole("count"),  in.whole("total_ns"), in.whole("p50_ns"),
             in.whole("p99_ns"), in.whole("max_ns"),   {}};
  out.rows = in.list("histogram", [](const Node& row) {
    row.expect_object();
    return SpreadRow{row.whole("up_to_ns"), row.whole("count")};
  });
  return out;
}

Json write(const TaskGroup& group) {
  Json out;
  out["name"] = group.name;
  out["tasks"] = group.tasks;
  out["voluntary"] = group.voluntary;
  out["preempted"] = group.preempted;
  out["migrations"] = group.migrations;
  out["on_cpu"] = write(group.on_cpu);
  out["waiting"] = write(group.waiting);
  out["off_cpu"] = write(group.off_cpu);
  out["woken_by"] = list(group.woken_by, [](const Waker& waker) {
    Json each;
    each["by"] = waker.by;
    each["times"] = waker.times;
    return each;
  });
  return out;
}

TaskGroup read_group(const Node& in) {
  in.expect_object();
  TaskGroup out;
  out.name = in.text("name");
  out.tasks = in.whole("tasks");
  out.voluntary = in.whole("voluntary");
  out.preempted = in.whole("preempted");
  out.migrations = in.whole("migrations");
  out.on_cpu = read_spread(in.at("on_cpu"));
  out.waiting = read_spread(in.at("waiting"));
  out.off_cpu = read_spread(in.at("off_cpu"));
  out.woken_by = in.list("woken_by", [](const Node& waker) {
    waker.expect_object();
    return Waker{waker.text("by"), waker.whole("times")};
  });
  return out;
}

// Every value of a line of the graph, with its key.
template <class T, class F>
void each_line(T& timeline, F f) {
  f("alive", timeline.alive);
  f("running", timeline.running);
  f("waiting", timeline.waiting);
}

template <class T, class F>
void each_size(T& memory, F f) {
  f("kernel_stack", memory.stack);
  f("task_struct", memory.task_struct);
  f("signal_struct", memory.signal_struct);
  f("sighand_struct", memory.sighand_struct);
  f("mm_struct", memory.mm_struct);
}

}  // namespace

Json write(const Scheduling& scheduling) {
  Json out;
  out["grouped_by"] = scheduling.by_action ? "action" : "name";
  out["groups"] = list(scheduling.groups, [](const TaskGroup& group) { return write(group); });
  Json timeline;
  timeline["step_ns"] = scheduling.timeline.step_ns;
  each_line(scheduling.timeline, [&](const char* key, const std::vector<double>& values) {
    timeline[key] = list(values, number);
  });
  out["timeline"] = timeline;
  Json memory = Json::object();
  each_size(scheduling.memory,
            [&](const char* key, const auto& size) { put_if(memory, key, size); });
  out["kernel_memory_bytes"] = memory;
  out["switches"] = scheduling.switches;
  out["lost"] = scheduling.lost;
  put_if(out, "void_because", scheduling.void_because);
  return out;
}

Scheduling read_scheduling(const Node& in) {
  in.expect_object();
  Scheduling out;
  const std::string by = in.text("grouped_by");
  if (by != "action" && by != "name")
    in.at("grouped_by").fail("expected action or name, found \"" + by + "\"");
  out.by_action = by == "action";
  out.groups = in.list("groups", read_group);
  const Node timeline = in.at("timeline");
  timeline.expect_object();
  out.timeline.step_ns = timeline.whole("step_ns");
  each_line(out.timeline, [&](const char* key, std::vector<double>& values) {
    values = timeline.list(key, [](const Node& value) { return value.real(); });
  });
  const Node memory = in.at("kernel_memory_bytes");
  memory.expect_object();
  each_size(out.memory, [&](const char* key, auto& size) { size = memory.whole_if(key); });
  out.switches = in.whole("switches");
  out.lost = in.whole("lost");
  out.void_because = in.text_if("void_because");
  return out;
}

}  // namespace vtlab::result
