// catalogue.h — every proof, by id.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "prove/proof.h"

namespace vtlab::prove {

/// A proof and the title of its group.
struct Listed {
  const Proof* proof;
  std::string_view group;
};

/// All of them; those whose ids have the same first half stand together.
std::span<const Listed> proofs();

/// "exist" of "exist.virtual"
std::string_view group_name(std::string_view id);

/// Those with this id, or of the group of this name; empty if there is neither.
std::vector<Listed> select(std::string_view word);

}  // namespace vtlab::prove
