#include "descriptor_lives.h"

#include <atomic>

#include "segmented_array.h"

namespace vthreads::detail {
namespace {

using Word = std::atomic<std::uint64_t>;

// Never destroyed: descriptors are closed by destructors of other statics too.
SegmentedArray<Word>& words() {
  static auto* const all = new SegmentedArray<Word>;
  return *all;
}

}  // namespace

Life life_of(int fd) {
  const Word* const word = words().find(fd);
  return Life(word == nullptr ? 0 : word->load(std::memory_order_seq_cst));
}

Life begin_life(int fd, bool prepared, FileKind kind) {
  Word& word = words().at(fd);
  std::uint64_t seen = word.load(std::memory_order_relaxed);
  for (;;) {
    const std::uint64_t count = (seen >> Life::kCountShift) + 1;
    const std::uint64_t next = count << Life::kCountShift |
                               static_cast<std::uint64_t>(kind) << Life::kKindShift |
                               (prepared ? Life::kPrepared : 0);
    if (word.compare_exchange_weak(seen, next, std::memory_order_seq_cst)) return Life(next);
  }
}

}  // namespace vthreads::detail
