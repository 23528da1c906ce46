#include "result/runtime_view_json.h"

namespace vtlab::result {
namespace {

Json write(const RuntimeReason& reason) {
  Json out;
  out["name"] = reason.name;
  out["count"] = reason.count;
  return out;
}

Json write(const RuntimeCount& count) {
  Json out;
  out["title"] = count.title;
  if (!count.count) {
    out["missing_because"] = count.missing_because;
    return out;
  }
  out["count"] = *count.count;
  out["source"] = count.source;
  if (!count.reasons.empty())
    out["reasons"] = list(count.reasons, [](const RuntimeReason& reason) { return write(reason); });
  return out;
}

RuntimeReason read_reason(const Node& in) {
  in.expect_object();
  return {in.text("name"), in.whole("count")};
}

RuntimeCount read_count(const std::string& key, const Node& in) {
  in.expect_object();
  RuntimeCount out{.key = key, .title = in.text("title")};
  out.missing_because = in.reason_unless("count", "missing_because");
  out.count = in.whole_if("count");
  if (out.count) out.source = in.text("source");
  out.reasons = in.list_if("reasons", read_reason);
  return out;
}

}  // namespace

Json write(const RuntimeView& view) {
  Json out;
  out["runtime"] = view.runtime;
  out["file"] = view.file;
  Json counts = Json::object();
  for (const RuntimeCount& count : view.counts) counts[count.key] = write(count);
  out["counts"] = counts;
  put_if(out, "kernel_tasks", view.kernel_tasks);
  put_if(out, "void_because", view.void_because);
  return out;
}

RuntimeView read_runtime_view(const Node& in) {
  in.expect_object();
  RuntimeView out;
  out.runtime = in.text("runtime");
  out.file = in.text("file");
  out.counts = in.members("counts", read_count);
  out.kernel_tasks = in.whole_if("kernel_tasks");
  out.void_because = in.text_if("void_because");
  return out;
}

}  // namespace vtlab::result
