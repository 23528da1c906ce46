#include "result/syscalls_json.h"

namespace vtlab::result {
namespace {

void put_range(Json& out, const char* key, const std::optional<AskedRange>& range) {
  if (range) out[key] = {{"least", range->least}, {"most", range->most}};
}

std::optional<AskedRange> range_if(const Node& in, const char* key) {
  if (!in.has(key)) return std::nullopt;
  const Node range = in.at(key);
  range.expect_object();
  return AskedRange{range.whole("least"), range.whole("most")};
}

Json write(const SystemCall& row) {
  Json out;
  out["call"] = row.call;
  if (row.is_32_bit) out["is_32_bit"] = true;
  out["made_by"] = row.made_by;
  put_if(out, "during", row.during);
  put_if(out, "caller", row.caller);
  put_if(out, "waited_for", row.waited_for);
  put_if(out, "limit", row.limit);
  put_if(out, "error", row.error);
  out["returned"] = row.returned;
  out["unreturned"] = row.unreturned;
  out["in_progress"] = row.in_progress;
  out["total_ns"] = row.total_ns;
  out["max_ns"] = row.max_ns;
  out["latency"] = list(row.latency, [](const LatencyBucket& bucket) {
    return Json{{"most_ns", bucket.most_ns}, {"count", bucket.count}};
  });
  put_range(out, "asked_ns", row.asked_ns);
  put_range(out, "asked_fds", row.asked_fds);
  return out;
}

SystemCall read_row(const Node& in) {
  in.expect_object();
  SystemCall row;
  row.call = in.text("call");
  row.is_32_bit = in.has("is_32_bit") && in.flag("is_32_bit");
  row.made_by = in.text("made_by");
  row.during = in.text_if("during");
  row.caller = in.text_if("caller");
  row.waited_for = in.text_if("waited_for");
  row.limit = in.text_if("limit");
  row.error = in.text_if("error");
  row.returned = in.whole("returned");
  row.unreturned = in.whole("unreturned");
  row.in_progress = in.whole("in_progress");
  row.total_ns = in.whole("total_ns");
  row.max_ns = in.whole("max_ns");
  row.latency = in.list("latency", [](const Node& bucket) {
    bucket.expect_object();
    return LatencyBucket{bucket.whole("most_ns"), bucket.whole("count")};
  });
  row.asked_ns = range_if(in, "asked_ns");
  row.asked_fds = range_if(in, "asked_fds");
  return row;
}

}  // namespace

Json write(const SystemCalls& calls) {
  Json out;
  out["seen_by"] = calls.seen_by;
  put_if(out, "units", calls.units);
  out["rows"] = list(calls.rows, [](const SystemCall& row) { return write(row); });
  out["lost"] = calls.lost;
  put_if(out, "void_because", calls.void_because);
  return out;
}

SystemCalls read_system_calls(const Node& in) {
  in.expect_object();
  SystemCalls calls;
  calls.seen_by = in.list("seen_by", [](const Node& hook) { return hook.text(); });
  calls.units = in.whole_if("units");
  calls.rows = in.list("rows", read_row);
  calls.lost = in.whole("lost");
  calls.void_because = in.text_if("void_because");
  return calls;
}

}  // namespace vtlab::result
