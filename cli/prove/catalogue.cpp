#include "prove/catalogue.h"

#include <algorithm>

namespace vtlab::prove {

#include "proofs_registry.inc"

namespace {

std::vector<Listed> in_order() {
  std::vector<Listed> all;
  for (const ProofGroup* group : k_proofs_table) {
    for (const Proof& proof : group->proofs) {
      // A file may add to the group of another.
      const auto same = [&](const Listed& other) {
        return group_name(other.proof->id) == group_name(proof.id);
      };
      const auto last = std::find_if(all.rbegin(), all.rend(), same);
      const auto title = last == all.rend() ? group->title : last->group;
      all.insert(last == all.rend() ? all.end() : last.base(), {&proof, title});
    }
  }
  return all;
}

}  // namespace

std::span<const Listed> proofs() {
  static const std::vector<Listed> all = in_order();
  return all;
}

std::string_view group_name(std::string_view id) {
  return id.substr(0, id.find('.'));
}

std::vector<Listed> select(std::string_view word) {
  std::vector<Listed> chosen;
  for (const Listed& listed : proofs())
    if (listed.proof->id == word || group_name(listed.proof->id) == word) chosen.push_back(listed);
  return chosen;
}

}  // namespace vtlab::prove
