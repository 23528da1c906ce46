#include "result/totals_json.h"

namespace vtlab::result {
namespace {

Json write(const AttemptCount& row) {
  Json out;
  put_if(out, "call", row.call);
  put_if(out, "kind", row.kind);
  put_if(out, "error", row.error);
  out["count"] = row.count;
  return out;
}

AttemptCount read_row(const Node& in) {
  in.expect_object();
  return {in.text_if("call"), in.text_if("kind"), in.text_if("error"), in.whole("count")};
}

LatencyBucket read_bucket(const Node& in) {
  in.expect_object();
  return {in.whole("most_ns"), in.whole("count")};
}

}  // namespace

Json write(const Totals& totals) {
  Json out;
  put_if(out, "voluntary", totals.voluntary);
  put_if(out, "preempted", totals.preempted);
  put_if(out, "switches_missing_because", totals.switches_missing_because);
  put_if(out, "on_cpu_ns", totals.on_cpu_ns);
  put_if(out, "waits", totals.waits);
  put_if(out, "waited_ns", totals.waited_ns);
  if (totals.waits)
    out["wait"] = list(totals.wait, [](const LatencyBucket& bucket) {
      return Json{{"most_ns", bucket.most_ns}, {"count", bucket.count}};
    });
  put_if(out, "times_missing_because", totals.times_missing_because);
  put_if(out, "migrations", totals.migrations);
  put_if(out, "migrations_missing_because", totals.migrations_missing_because);
  out["attempts"] = list(totals.attempts, [](const AttemptCount& row) { return write(row); });
  out["lost_attempts"] = totals.lost_attempts;
  return out;
}

Totals read_totals(const Node& in) {
  in.expect_object();
  Totals out;
  out.switches_missing_because = in.reason_unless("voluntary", "switches_missing_because");
  out.voluntary = in.whole_if("voluntary");
  out.preempted = in.whole_if("preempted");
  out.times_missing_because = in.reason_unless("on_cpu_ns", "times_missing_because");
  out.on_cpu_ns = in.whole_if("on_cpu_ns");
  out.waits = in.whole_if("waits");
  out.waited_ns = in.whole_if("waited_ns");
  out.wait = in.list_if("wait", read_bucket);
  out.migrations_missing_because = in.reason_unless("migrations", "migrations_missing_because");
  out.migrations = in.whole_if("migrations");
  out.attempts = in.list("attempts", read_row);
  out.lost_attempts = in.whole("lost_attempts");
  return out;
}

}  // namespace vtlab::result
