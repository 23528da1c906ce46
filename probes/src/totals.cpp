#include <bpf/libbpf.h>
#include <linux/types.h>

#include <algorithm>
#include <tuple>

#include "../bpf/wire.h"
#include "bpf_object.h"
#include "per_cpu.h"
#include "probes/session.h"

namespace vtlab::probes {

static_assert(Totals::kBuckets == VT_WAIT_BUCKETS && sizeof(vt_attempt) == 8);

std::optional<Totals> Session::totals() const {
  if (!options().keep_totals) return std::nullopt;
  Totals out;
  sum_cpus<vt_totals>(bpf_map__fd(maps().maps.totals), 0, [&](const vt_totals& one) {
    out.voluntary += one.voluntary;
    out.preempted += one.preempted;
    out.timed += one.timed;
    out.on_cpu_ns += one.on_cpu_ns;
    out.waits += one.waits;
    out.waited_ns += one.waited_ns;
    for (std::size_t i = 0; i < out.wait.size(); ++i) out.wait[i] += one.wait[i];
  });
  const int attempts = bpf_map__fd(maps().maps.attempt_counts);
  vt_attempt key{};
  for (const vt_attempt* last = nullptr; bpf_map_get_next_key(attempts, last, &key) == 0;
       last = &key) {
    AttemptCount row{static_cast<Call>(key.call), static_cast<Kind>(key.kind), key.error, 0};
    sum_cpus<std::uint64_t>(attempts, key, [&](std::uint64_t count) { row.count += count; });
    out.attempts.push_back(row);
  }
  std::sort(out.attempts.begin(), out.attempts.end(), [](const auto& a, const auto& b) {
    return std::tie(a.call, a.kind, a.error) < std::tie(b.call, b.kind, b.error);
  });
  out.lost_attempts = sum(bpf_map__fd(maps().maps.lost), VT_EVENT_ATTEMPT);
  return out;
}

}  // namespace vtlab::probes
