// observed_json.cpp — the writer first, then the reader. Both follow observed.h from top to bottom.
#include "result/observed_json.h"

#include "result/collection_json.h"
#include "result/common_json.h"
#include "result/comparison_json.h"
#include "result/details_json.h"
#include "result/result_json.h"

namespace vtlab::result {
namespace {

Json write(const ObservedProcess& process) {
  Json out;
  out["id"] = process.id;
  put_if(out, "by_id", process.by_id);
  out["pid"] = process.pid;
  put_if(out, "name", process.name);
  out["was_there"] = process.was_there;
  out["ended"] = process.ended;
  out["threads_made"] = process.threads_made;
  out["processes_made"] = process.processes_made;
  return out;
}

ObservedProcess read_process(const Node& in) {
  in.expect_object();
  ObservedProcess out;
  out.id = in.whole("id");
  out.by_id = in.whole_if("by_id");
  out.pid = in.whole("pid");
  out.name = in.text_if("name");
  out.was_there = in.flag("was_there");
  out.ended = in.flag("ended");
  out.threads_made = in.whole("threads_made");
  out.processes_made = in.whole("processes_made");
  return out;
}

std::optional<ExitStatus> read_exit(const Node& in) {
  const auto status = [&](const char* key) {
    return in.has(key) ? std::optional(static_cast<int>(in.at(key).integer())) : std::nullopt;
  };
  const ExitStatus exit{status("exit_code"), status("killed_by_signal")};
  return exit.code || exit.signal ? std::optional(exit) : std::nullopt;
}

std::string read_text(const Node& in) {
  return in.text();
}

Observed read_observed(const Node& in) {
  check_schema(in.at("schema"), kObserveSchema);
  Observed out;
  out.host = read_host(in.at("host"));
  out.notes = in.list_if("notes", read_text);
  out.command = in.list_if("command", read_text);
  out.pid = in.whole_if("pid");
  out.cgroup = in.text_if("cgroup");
  out.observer = in.text("observer");
  out.partial = in.flag("partial");
  out.partial_because = in.text_if("partial_because");
  out.void_because = in.text_if("void_because");
  out.exit = read_exit(in);
  out.wall_ns = in.whole("wall_ns");
  out.counts = in.members("counts", read_metric);
  out.probes = in.list("probes", read_probe);
  out.lost_events = in.whole("lost_events");
  out.processes_missing_because = in.reason_unless("processes", "processes_missing_because");
  out.processes = in.list_if("processes", read_process);
  out.processes_not_listed = in.whole_if("processes_not_listed").value_or(0);
  out.details = read_details(in);
  return out;
}

}  // namespace

std::string to_json(const Observed& observed) {
  Json out;
  out["schema"] = kObserveSchema;
  out["host"] = write(observed.host);
  if (!observed.notes.empty()) out["notes"] = observed.notes;
  if (!observed.command.empty()) out["command"] = observed.command;
  put_if(out, "pid", observed.pid);
  put_if(out, "cgroup", observed.cgroup);
  out["observer"] = observed.observer;
  out["partial"] = observed.partial;
  if (observed.partial) out["partial_because"] = observed.partial_because;
  put_if(out, "void_because", observed.void_because);
  if (observed.exit && observed.exit->code) out["exit_code"] = *observed.exit->code;
  if (observed.exit && observed.exit->signal) out["killed_by_signal"] = *observed.exit->signal;
  out["wall_ns"] = observed.wall_ns;
  out["counts"] = write(observed.counts);
  out["probes"] = list(observed.probes, [](const ProbeNote& probe) { return write(probe); });
  out["lost_events"] = observed.lost_events;
  if (observed.processes.empty()) {
    out["processes_missing_because"] = reason_or_default(observed.processes_missing_because);
  } else {
    out["processes"] =
        list(observed.processes, [](const ObservedProcess& process) { return write(process); });
    if (observed.processes_not_listed) out["processes_not_listed"] = observed.processes_not_listed;
  }
  write_details(out, observed.details);
  return to_text(out);
}

namespace {

Document read(const JsonDocument& document) {
  const Node in(document);
  in.expect_object();
  const auto is = [&](std::string_view known) {
    return in.has("schema") && in.at("schema").is_text() &&
           in.text("schema").starts_with(known.substr(0, known.find('/') + 1));
  };
  if (is(kObserveSchema)) return read_observed(in);
  if (is(kCompareSchema)) return read_comparison(in);
  if (is(kCollectionSchema)) return read_collection(in);
  return read_result_set(in);
}

}  // namespace

Document read_document(const Source& source) {
  return read(JsonDocument(source));
}

Document read_document(std::string_view text) {
  return read(JsonDocument(text));
}

}  // namespace vtlab::result
