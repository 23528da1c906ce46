// observed_json.cpp — the writer. There is no reader: nothing renders a saved observation yet.
//
// Rule      Host, metrics and probes have one writer, result_json.cpp: the parts that both documents
//           have are taken from what it writes.
#include "result/observed_json.h"

#include "result/details_json.h"
#include "result/json_tools.h"

namespace vtlab::result {
namespace {

Json shared_parts(const Observed& observed) {
  ResultSet set;
  set.host = observed.host;
  set.results.emplace_back();
  set.results.front().metrics = observed.counts;
  set.results.front().probes = observed.probes;
  return Json::parse(to_json(set));
}

Json write(const ObservedProcess& process) {
  Json out;
  out["id"] = process.id;
  if (process.by_id) out["by_id"] = *process.by_id;
  out["pid"] = process.pid;
  if (!process.name.empty()) out["name"] = process.name;
  out["was_there"] = process.was_there;
  out["ended"] = process.ended;
  out["threads_made"] = process.threads_made;
  out["processes_made"] = process.processes_made;
  return out;
}

}  // namespace

std::string to_json(const Observed& observed) {
  const Json shared = shared_parts(observed);
  const Json& result = shared["results"][0];
  Json out;
  out["schema"] = kObserveSchema;
  out["host"] = shared["host"];
  if (!observed.notes.empty()) out["notes"] = observed.notes;
  if (observed.pid)
    out["pid"] = *observed.pid;
  else
    out["command"] = observed.command;
  out["observer"] = observed.observer;
  out["partial"] = observed.partial;
  if (observed.partial) out["partial_because"] = observed.partial_because;
  if (!observed.void_because.empty()) out["void_because"] = observed.void_because;
  if (observed.exit && observed.exit->code) out["exit_code"] = *observed.exit->code;
  if (observed.exit && observed.exit->signal) out["killed_by_signal"] = *observed.exit->signal;
  out["wall_ns"] = observed.wall_ns;
  out["counts"] = result["metrics"];
  out["probes"] = result["probes"];
  out["lost_events"] = observed.lost_events;
  if (observed.processes.empty()) {
    out["processes_missing_because"] = observed.processes_missing_because;
  } else {
    out["processes"] = Json::array();
    for (const ObservedProcess& process : observed.processes)
      out["processes"].push_back(write(process));
    if (observed.processes_not_listed) out["processes_not_listed"] = observed.processes_not_listed;
  }
  write_details(out, observed.details);
  return out.dump(2, ' ', false, Json::error_handler_t::replace);
}

}  // namespace vtlab::result
