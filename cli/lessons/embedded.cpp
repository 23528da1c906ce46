#include "lessons/embedded.h"

namespace vtlab::lessons {
namespace {

constexpr Embedded kTexts[] = {
#include "lesson_texts.inc"
};

}  // namespace

std::span<const Embedded> embedded() {
  return kTexts;
}

}  // namespace vtlab::lessons
