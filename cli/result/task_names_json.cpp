#include "result/task_names_json.h"

namespace vtlab::result {
namespace {

// What nobody saw is absent.
Json write(const NamedTasks& row, bool new_are_known) {
  Json out;
  out["name"] = row.name;
  out["before_window"] = row.before_window;
  if (new_are_known) out["in_window"] = row.in_window;
  return out;
}

NamedTasks read_row(const Node& in) {
  in.expect_object();
  return {in.text("name"), in.whole("before_window"), in.whole_if("in_window").value_or(0)};
}

}  // namespace

Json write(const TaskNames& names) {
  Json out;
  out["runtime"] = names.runtime;
  put_if(out, "in_window_missing_because", names.new_missing_because);
  out["rows"] = list(names.rows, [&](const NamedTasks& row) {
    return write(row, names.new_missing_because.empty());
  });
  return out;
}

TaskNames read_task_names(const Node& in) {
  in.expect_object();
  return {in.text("runtime"), in.list("rows", read_row), in.text_if("in_window_missing_because")};
}

}  // namespace vtlab::result
