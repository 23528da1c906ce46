#include "timer_ladder.h"

#include <algorithm>
#include <bit>
#include <utility>

namespace vthreads::detail {
namespace {

constexpr std::uint64_t kSign = std::uint64_t{1} << 63;

template <class Memory>
void fetch(const Memory& memory) {
  for (std::size_t byte = 0; byte < sizeof memory; byte += 64)
    __builtin_prefetch(reinterpret_cast<const char*>(&memory) + byte);
}

template <class Key>
unsigned bit_width(Key key) {
  const auto high = static_cast<std::uint64_t>(key >> 64);
  const auto low = static_cast<std::uint64_t>(key);
  return static_cast<unsigned>(high != 0 ? 64 + std::bit_width(high) : std::bit_width(low));
}

}  // namespace

// Deadlines may be before the clock's epoch: shifted by half the range they compare as unsigned.
TimerLadder::Key TimerLadder::key_of(Deadline deadline, std::uint64_t order) {
  const auto ns = static_cast<std::uint64_t>(deadline.time_since_epoch().count());
  return Key{ns ^ kSign} << 64 | order;
}

Deadline TimerLadder::deadline_of(Key key) {
  const auto ns = static_cast<std::int64_t>(static_cast<std::uint64_t>(key >> 64) ^ kSign);
  return Deadline(Deadline::duration(ns));
}

// --- entries come and go -------------------------------------------------------------------------

// Chunks: every bucket has one at most that is not full. And the heap must be able to take all there
// is, for when there are too many rungs.
void TimerLadder::grow() {
  const std::size_t wanted = room_ == 0 ? kHeapMost : room_ + kRoomStep;
  places_.reserve(wanted);
  if (heap_.capacity() < wanted) heap_.reserve(std::max(wanted, 2 * heap_.capacity()));
  if (wanted > kHeapMost) chunks_.reserve(wanted / Chunk::kEntries + kRungs * kBuckets + 1);
  room_ = wanted;
}

TimerLadder::Handle TimerLadder::add(Deadline deadline, std::uint64_t order,
                                     ControlBlock* vthread) noexcept {
  const Entry entry{key_of(deadline, order), vthread, new_handle()};
  ++live_;
  if (heap_.size() >= kHeapMost && rung_count_ < kRungs) heap_to_rung();
  std::size_t n = rung_count_;
  if (n == 0 || entry.key < rungs_[n - 1].begin) {
    heap_.emplace_back();
    sift(heap_.size() - 1, entry);
  } else {
    while (entry.key >= rungs_[n - 1].end) --n;
    put(rungs_[n - 1], entry);
  }
  return entry.handle;
}

bool TimerLadder::remove(Handle handle, std::uint64_t order) noexcept {
  if (handle >= handles_used_) return false;
  const std::uint32_t place = places_[handle];
  const std::uint32_t index = place & kIndex;
  if ((place & ~kIndex) == kFree) return false;
  if ((place & ~kIndex) == kInHeap) {
    if (static_cast<std::uint64_t>(heap_[index].key) != order) return false;
    remove_from_heap(index);
  } else {
    Chunk& chunk = chunks_[index / 16];
    Entry& hole = chunk.entries[index % 16];
    if (static_cast<std::uint64_t>(hole.key) != order) return false;
    Bucket& bucket = *chunk.owner;
    hole = bucket.last->entries[bucket.used - 1];
    places_[hole.handle] = place;
    remove_last(bucket);
  }
  free_handle(handle);
  one_less();
  return true;
}

ControlBlock* TimerLadder::pop_first() noexcept {
  const Entry first = heap_.front();
  remove_from_heap(0);
  free_handle(first.handle);
  one_less();
  return first.vthread;
}

void TimerLadder::one_less() {
  if (--live_ == 0) rung_count_ = 0;
}

TimerLadder::Memory TimerLadder::take_unused_memory() noexcept {
  if (live_ != 0 || room_ <= kHeapMost + kRoomStep) return {};
  room_ = 0;
  chunks_used_ = handles_used_ = 0;
  free_chunks_ = nullptr;
  free_handles_ = kIndex;
  return {std::exchange(heap_, {}), std::exchange(chunks_, {}), std::exchange(places_, {})};
}

// --- rungs ---------------------------------------------------------------------------------------

void TimerLadder::refine() noexcept {
  if (has_first() || rung_count_ == 0) return;
  Rung& rung = finest();
  if (rung.source != nullptr) return pour(rung);
  if (rung.filled == 0) {
    --rung_count_;
    return;
  }
  const auto index = static_cast<unsigned>(std::countr_zero(rung.filled));
  Bucket& bucket = rung.buckets[index];
  rung.filled &= rung.filled - 1;
  rung.begin = rung.end;  // a bucket may reach beyond it
  if (index + 1 < kBuckets)
    rung.begin = std::min(rung.end, rung.base + (Key{index + 1} << rung.width_bits));
  if (bucket.size <= kPourMost || rung_count_ == kRungs) return bucket_to_heap(bucket);
  begin_rung(bucket.least, bucket.greatest, rung.begin, bucket.size).source = &bucket;
}

TimerLadder::Rung& TimerLadder::begin_rung(Key least, Key greatest, Key end, std::size_t entries) {
  const std::size_t buckets = std::clamp<std::size_t>(entries / kWorthSorting, 2, kBuckets);
  const auto bucket_bits = static_cast<unsigned>(std::bit_width(buckets - 1));
  Rung& rung = rungs_[rung_count_++];
  rung.base = rung.begin = least;
  rung.end = end;
  rung.width_bits = std::max(bit_width(greatest - least), bucket_bits) - bucket_bits;
  rung.filled = 0;
  rung.source = nullptr;
  rung.buckets.fill(Bucket{nullptr, 0, 0, kEnd, 0});
  return rung;
}

// One chunk of its source.
void TimerLadder::pour(Rung& rung) {
  Bucket& source = *rung.source;
  if (source.size == 0) {
    rung.source = nullptr;
    return;
  }
  Chunk& chunk = *source.last;
  if (chunk.previous != nullptr) fetch(*chunk.previous);  // is next
  const std::array<Entry, Chunk::kEntries> entries = chunk.entries;
  const std::uint32_t count = source.used;
  for (std::uint32_t i = 0; i < count; ++i) remove_last(source);
  for (std::uint32_t i = 0; i < count; ++i) put(rung, entries[i]);
}

void TimerLadder::heap_to_rung() {
  const auto less = [](const Entry& a, const Entry& b) { return a.key < b.key; };
  const Key greatest = std::max_element(heap_.begin(), heap_.end(), less)->key;
  Rung& rung = begin_rung(heap_.front().key, greatest, rung_count_ == 0 ? kEnd : finest().begin,
                          kBuckets * kWorthSorting);
  for (const Entry& entry : heap_) put(rung, entry);
  heap_.clear();
}

void TimerLadder::bucket_to_heap(Bucket& bucket) {
  while (bucket.size != 0) {
    heap_.push_back(bucket.last->entries[bucket.used - 1]);
    remove_last(bucket);
  }
  // In order it is a heap too. The vthreads will be signalled soon, each of them far from the others:
  // fetched together they cost about as much as one.
  std::sort(heap_.begin(), heap_.end(),
            [](const Entry& a, const Entry& b) { return a.key < b.key; });
  for (std::size_t i = 0; i < heap_.size(); ++i) {
    place_in_heap(i, heap_[i]);
    __builtin_prefetch(heap_[i].vthread, 1);
  }
}

// --- buckets -------------------------------------------------------------------------------------

void TimerLadder::put(Rung& rung, const Entry& entry) {
  const Key offset = (entry.key - rung.base) >> rung.width_bits;
  const unsigned index = offset < kBuckets ? static_cast<unsigned>(offset) : kBuckets - 1;
  Bucket& bucket = rung.buckets[index];
  if (bucket.last == nullptr || bucket.used == Chunk::kEntries) {
    Chunk* chunk = free_chunks_;
    if (chunk != nullptr) {
      free_chunks_ = chunk->previous;
    } else {
      chunk = &chunks_[chunks_used_];
      chunk->index = chunks_used_++;
    }
    chunk->owner = &bucket;
    chunk->previous = bucket.last;
    bucket.last = chunk;
    bucket.used = 0;
  }
  places_[entry.handle] = kInChunk | (bucket.last->index * 16 + bucket.used);
  bucket.last->entries[bucket.used++] = entry;
  ++bucket.size;
  if (entry.key < bucket.least) bucket.least = entry.key;
  if (entry.key > bucket.greatest) bucket.greatest = entry.key;
  rung.filled |= std::uint64_t{1} << index;
}

void TimerLadder::remove_last(Bucket& bucket) {
  --bucket.size;
  if (--bucket.used != 0) return;
  Chunk* const chunk = bucket.last;
  bucket.last = chunk->previous;
  bucket.used = bucket.last == nullptr ? 0 : Chunk::kEntries;
  chunk->previous = free_chunks_;
  free_chunks_ = chunk;
}

// --- heap ----------------------------------------------------------------------------------------

void TimerLadder::place_in_heap(std::size_t index, const Entry& entry) {
  heap_[index] = entry;
  places_[entry.handle] = kInHeap | static_cast<std::uint32_t>(index);
}

// Puts the entry where it belongs, beginning at the hole at `index`.
void TimerLadder::sift(std::size_t index, const Entry& entry) {
  const Entry moved = entry;  // may lie in the heap
  while (index > 0 && moved.key < heap_[(index - 1) / 2].key) {
    place_in_heap(index, heap_[(index - 1) / 2]);
    index = (index - 1) / 2;
  }
  for (;;) {
    std::size_t child = 2 * index + 1;
    if (child + 1 < heap_.size() && heap_[child + 1].key < heap_[child].key) ++child;
    if (child >= heap_.size() || moved.key < heap_[child].key) break;
    place_in_heap(index, heap_[child]);
    index = child;
  }
  place_in_heap(index, moved);
}

void TimerLadder::remove_from_heap(std::size_t index) {
  const Entry last = heap_.back();
  heap_.pop_back();
  if (index < heap_.size()) sift(index, last);
}

// --- handles -------------------------------------------------------------------------------------

TimerLadder::Handle TimerLadder::new_handle() {
  if (free_handles_ == kIndex) return handles_used_++;
  const Handle handle = free_handles_;
  free_handles_ = places_[handle] & kIndex;
  return handle;
}

void TimerLadder::free_handle(Handle handle) {
  places_[handle] = kFree | free_handles_;
  free_handles_ = handle;
}

}  // namespace vthreads::detail
