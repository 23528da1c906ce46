#include "explain/embedded.h"

namespace vtlab::explain {
namespace {

constexpr Embedded kTexts[] = {
#include "explain_texts.inc"
};

}  // namespace

std::span<const Embedded> embedded() {
  return kTexts;
}

}  // namespace vtlab::explain
