// timer_ladder.h — many deadlines, earliest first, at constant cost each: a ladder queue.
//
// After W. T. Tang, R. S. M. Goh and I. L.-J. Thng, "Ladder queue: an O(1) priority queue structure
// for large-scale discrete event simulation", ACM TOMACS 15(3), 2005; with a heap at its foot and
// removal.
//
//   heap      what comes before every rung; few, exact, the earliest at 0
//   rung n-1  the finest: a stretch of time after the heap, cut into up to 64 buckets of equal width
//   …         each rung cuts up one bucket of the rung before it, and takes its place
//   rung 0    the coarsest; ends with time
//   A rung's last bucket is wide enough for everything up to the rung's end.
//
// A bucket is not in order. When its turn comes, it is put in order in the heap if it holds few
// entries, or else poured into a new rung of finer buckets: 64, or so few that each gets about
// kWorthSorting entries. A heap that has become too big is made a rung too. So an entry moves a few
// times, into finer buckets each time, however the deadlines lie: a timing wheel does the same with
// widths that are fixed beforehand. 10⁶ entries with one deadline are no special case, because the
// key of an entry is its deadline followed by its number. The heap's first entry is the earliest of all, so to know the earliest deadline exactly
// costs nothing; but see has_first().
//
// A table says for each handle where its entry lies. All memory is ours and dense: nothing here
// follows a pointer to where a vthread has its stack.
//
// Owns      its memory: some 50 bytes per entry and, with more than kHeapMost entries, up to 512 KiB
//           for buckets that are not full. It grows with the number of entries and is handed back
//           when there are none.
// Rule      Only reserve() allocates, so nothing else can fail.
// Rule      The work of one call is bounded: add() moves kHeapMost entries at most, refine() those
//           of one chunk, or kPourMost. The exception: timers that lie like 1, 2, 4, 8 …, hundreds
//           at each, may need more than kRungs rungs; then the heap takes what there is, at O(log n).
// Threads   None: the lock of who holds it.
//
// Rejected  A heap of pointers to timers: a cache miss per compare. Lists through the timers on the
//           stacks: a miss per move, one after the other, and as all stacks are aligned alike they
//           compete for a few cache sets. A timing wheel: to know the earliest deadline when only
//           far ones are left, it must search a slot that may hold 10⁵, or empty it into the heap,
//           where all that comes before then has to go as well.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "slabs.h"
#include "vthreads/stop.h"

namespace vthreads::detail {

class ControlBlock;

class TimerLadder {
 public:
  using Handle = std::uint32_t;
  static constexpr Handle kNoHandle = 0xffffffff;

  /// Makes room for one more entry. Errors: std::bad_alloc; then nothing has changed.
  void reserve() {
    if (live_ == room_) grow();
  }

  /// After reserve(). `order`: greater than that of every entry added before.
  Handle add(Deadline deadline, std::uint64_t order, ControlBlock* vthread) noexcept;

  /// False if there is no such entry any more.
  bool remove(Handle handle, std::uint64_t order) noexcept;

  bool empty() const { return live_ == 0; }

  /// Whether the first entry is known; if not, and there are entries, refine() looks for it, in so
  /// many calls as it takes.
  bool has_first() const { return !heap_.empty(); }
  void refine() noexcept;

  /// Only if has_first().
  Deadline first() const { return deadline_of(heap_.front().key); }
  ControlBlock* pop_first() noexcept;

  /// Once empty() after many entries: their memory, for the caller to free when it holds no lock.
  struct Memory;
  Memory take_unused_memory() noexcept;

 private:
  __extension__ using Key = unsigned __int128;  // deadline, then order
  static constexpr Key kEnd = ~Key{0};

  struct Entry {
    Key key;
    ControlBlock* vthread;
    Handle handle;
  };

  struct Bucket;

  struct Chunk {  // of the entries of one bucket
    static constexpr std::uint32_t kEntries = 15;
    Bucket* owner;
    Chunk* previous;  // of the same bucket, or of the free ones
    std::uint32_t index;
    std::array<Entry, kEntries> entries;
  };
  static_assert(sizeof(Chunk) == 512);

  struct Bucket {
    Chunk* last;          // the only one that may have room; nullptr if empty
    std::uint32_t used;   // entries in the last chunk
    std::uint32_t size;   // entries in all
    Key least, greatest;  // of the keys that were put in
  };

  static constexpr std::uint32_t kBuckets = 64;

  struct Rung {
    Key base;              // where bucket 0 begins
    Key begin, end;        // it takes the keys of [begin, end); what is before has been used up
    unsigned width_bits;   // of a bucket
    std::uint64_t filled;  // a bit for each bucket that may hold entries
    Bucket* source;        // holds what is still to be poured in; of the rung before
    std::array<Bucket, kBuckets> buckets;
  };

  static constexpr std::size_t kRungs = 16;
  static constexpr std::size_t kHeapMost = 256;     // more become a rung
  static constexpr std::size_t kWorthSorting = 32;  // fewer are not worth a bucket
  static constexpr std::size_t kPourMost = 128;  // from a bucket into the heap; more become a rung
  static constexpr std::size_t kRoomStep = 4096;

  // What stands in places_: two bits that tell which, and an index.
  static constexpr std::uint32_t kIndex = (1U << 30) - 1;
  static constexpr std::uint32_t kInChunk = 0U << 30;  // chunk * 16 + entry
  static constexpr std::uint32_t kInHeap = 1U << 30;
  static constexpr std::uint32_t kFree = 2U << 30;  // the next free handle; kIndex if none

  static Key key_of(Deadline deadline, std::uint64_t order);
  static Deadline deadline_of(Key key);

  void grow();

  Rung& finest() { return rungs_[rung_count_ - 1]; }
  Rung& begin_rung(Key least, Key greatest, Key end, std::size_t entries);
  void pour(Rung& rung);
  void heap_to_rung();
  void bucket_to_heap(Bucket& bucket);

  void put(Rung& rung, const Entry& entry);
  void remove_last(Bucket& bucket);

  void place_in_heap(std::size_t index, const Entry& entry);
  void sift(std::size_t index, const Entry& entry);
  void remove_from_heap(std::size_t index);

  Handle new_handle();
  void free_handle(Handle handle);
  void one_less();

  using Heap = std::vector<Entry>;
  using Chunks = Slabs<Chunk, 128>;
  using Places = Slabs<std::uint32_t, 4096>;

  std::size_t live_ = 0;
  std::size_t room_ = 0;  // what live_ may become before more memory is needed
  std::size_t rung_count_ = 0;
  Heap heap_;
  Chunks chunks_;
  std::uint32_t chunks_used_ = 0;  // from here on never used
  Chunk* free_chunks_ = nullptr;
  Places places_;                   // by handle
  std::uint32_t handles_used_ = 0;  // from here on never used
  std::uint32_t free_handles_ = kIndex;
  std::array<Rung, kRungs> rungs_;
};

struct TimerLadder::Memory {
  Heap heap;
  Chunks chunks;
  Places places;
};

}  // namespace vthreads::detail
