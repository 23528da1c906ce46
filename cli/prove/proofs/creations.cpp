#include "prove/proofs/creations.h"

#include <algorithm>

#include "prove/judging.h"

namespace vtlab::prove {

std::vector<const result::Creation*> attempts(const lab::Observation& seen, Action action) {
  std::vector<const result::Creation*> some;
  for (const result::Creation& c : seen.kernel.details.creations.value->records)
    if (c.action == text(action).key && !c.error.starts_with("ERESTART")) some.push_back(&c);
  return some;
}

std::optional<Check> no_records(const lab::Observation& seen) {
  return no_records(seen.kernel.details.creations, "only eBPF sees the stages of a creation");
}

std::optional<std::uint64_t> at(const result::Creation& creation, result::Stage stage) {
  return creation.time_ns[static_cast<std::size_t>(stage)];
}

std::optional<std::uint64_t> in_kernel_clone(const result::Creation& creation) {
  const auto begun = at(creation, result::Stage::kernel_clone);
  return begun ? begun : at(creation, result::Stage::sched_process_fork);
}

std::optional<std::uint64_t> counted(const lab::Observation& seen, std::string_view counter) {
  for (const result::ProbeNote& probe : seen.kernel.probes)
    if (probe.counter == counter) return probe.count;
  return std::nullopt;
}

std::string so_many(std::size_t count, std::string_view what) {
  return std::to_string(count) + " by " + std::string(what);
}

}  // namespace vtlab::prove
