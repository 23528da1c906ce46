#include "result/details_json.h"

#include "result/creation_json.h"
#include "result/creators_json.h"
#include "result/runtime_view_json.h"
#include "result/scheduling_json.h"
#include "result/syscalls_json.h"
#include "result/task_names_json.h"
#include "result/timeline_json.h"
#include "result/totals_json.h"

namespace vtlab::result {
namespace {

std::string reason_key(const char* key) {
  return std::string(key) + "_missing_because";
}

template <class T>
void put(Json& out, const char* key, const Detail<T>& detail) {
  if (detail.value) out[key] = write(*detail.value);
  put_if(out, reason_key(key).c_str(), detail.missing_because);
}

template <class T>
void get(const Node& in, const char* key, Detail<T>& detail, T (*read)(const Node&)) {
  if (in.has(key)) detail.value = read(in.at(key));
  detail.missing_because = in.text_if(reason_key(key).c_str());
}

}  // namespace

void write_details(Json& out, const Details& details) {
  put(out, "creations", details.creations);
  put(out, "scheduling", details.scheduling);
  put(out, "syscalls", details.syscalls);
  put(out, "creators", details.creators);
  put(out, "task_names", details.task_names);
  put(out, "runtime", details.runtime);
  put(out, "timeline", details.timeline);
  put(out, "totals", details.totals);
}

Details read_details(const Node& in) {
  Details details;
  get(in, "creations", details.creations, read_creations);
  get(in, "scheduling", details.scheduling, read_scheduling);
  get(in, "syscalls", details.syscalls, read_system_calls);
  get(in, "creators", details.creators, read_creators);
  get(in, "task_names", details.task_names, read_task_names);
  get(in, "runtime", details.runtime, read_runtime_view);
  get(in, "timeline", details.timeline, read_timeline);
  get(in, "totals", details.totals, read_totals);
  return details;
}

}  // namespace vtlab::result
