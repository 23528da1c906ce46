// creations.h — what proofs that rest on records of creations have in common.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "prove/proof.h"
#include "result/creation.h"
#include "scenarios/actions.h"

namespace vtlab::prove {

/// Every attempt that began while the action was published, but for those that the kernel began anew.
std::vector<const result::Creation*> attempts(const lab::Observation& seen, Action action);

/// Why the records of a run prove nothing; nothing if they are all there.
std::optional<Check> no_records(const lab::Observation& seen);

/// When the attempt was at that stage.
std::optional<std::uint64_t> at(const result::Creation& creation, result::Stage stage);
/// kernel_clone at its beginning or, where functions cannot be probed, at its end.
std::optional<std::uint64_t> in_kernel_clone(const result::Creation& creation);

/// How often that probe counted; nothing if it was not attached.
std::optional<std::uint64_t> counted(const lab::Observation& seen, std::string_view counter);

/// "11 by fork"
std::string so_many(std::size_t count, std::string_view what);

}  // namespace vtlab::prove
