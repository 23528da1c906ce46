// rows.h — many rows of a timeline. A run may have millions: what does not fit into little memory lies in a file without a
// name, which the kernel keeps in memory as long as it has room and which is gone with the process.
//
// Rule      Who passes over rows from the first to the last, or adds them, has only the last piece of them in its memory.
//           Who picks some with [] lets go of them at last.
// Rule      References stay valid until rows are added or taken away.
// Owns      its rows; a copy has rows of its own.
// Errors    std::bad_alloc. A folder for files (TMPDIR, or else /var/tmp) that is full or missing is none: rows
//           then are in memory, all of them.
// Threads   As a vector.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <iterator>
#include <type_traits>
#include <utility>

namespace vtlab::result {

/// The memory of rows, internal to them: it grows, moves, and lets go of what was not used lately.
class RowMemory {
 public:
  static constexpr std::size_t kPiece = std::size_t{1} << 20;  ///< bytes: in memory at least

  RowMemory() = default;
  RowMemory(RowMemory&& other) noexcept { swap(other); }
  RowMemory& operator=(RowMemory&& other) noexcept {
    swap(other);
    return *this;
  }
  ~RowMemory();

  std::byte* data() const { return data_; }
  std::size_t size() const { return size_; }  ///< bytes
  bool in_file() const { return fd_ >= 0; }

  void grow();  ///< what was there keeps its bytes, at another place
  /// Who passes over the rows from the first on has come to this byte.
  void passed(const void* at) const {
    if (fd_ >= 0)
      drop(reinterpret_cast<std::uintptr_t>(at) - kPiece, reinterpret_cast<std::uintptr_t>(at));
  }
  void let_go() const {
    if (fd_ >= 0) drop(0, UINTPTR_MAX);
  }

 private:
  void swap(RowMemory& other) noexcept;
  bool grow_file(std::size_t bytes);
  void grow_memory(std::size_t bytes);
  void drop(std::uintptr_t from, std::uintptr_t to) const;

  std::byte* data_ = nullptr;
  std::size_t size_ = 0;
  int fd_ = -1;
  bool mapped_ = false;
};

template <class T>
class Rows {
  static_assert(std::is_trivially_copyable_v<T>, "rows are moved as bytes");

  template <class U>
  class Walk {
   public:
    using iterator_category = std::forward_iterator_tag;
    using value_type = T;
    using difference_type = std::ptrdiff_t;
    using pointer = U*;
    using reference = U&;

    Walk() = default;
    Walk(U* at, const RowMemory* memory) : at_(at), memory_(memory) {}
    U& operator*() const { return *at_; }
    U* operator->() const { return at_; }
    Walk& operator++() {
      const auto before = reinterpret_cast<std::uintptr_t>(at_++);
      if ((before ^ reinterpret_cast<std::uintptr_t>(at_)) >= RowMemory::kPiece)
        memory_->passed(at_);
      return *this;
    }
    Walk operator++(int) {
      Walk before = *this;
      ++*this;
      return before;
    }
    friend bool operator==(const Walk& a, const Walk& b) { return a.at_ == b.at_; }

   private:
    U* at_ = nullptr;
    const RowMemory* memory_ = nullptr;
  };

 public:
  using value_type = T;
  using iterator = Walk<T>;
  using const_iterator = Walk<const T>;

  Rows() = default;
  Rows(std::initializer_list<T> rows) { add(rows); }
  Rows(const Rows& other) { add(other); }
  Rows(Rows&& other) noexcept
      : memory_(std::move(other.memory_)), size_(std::exchange(other.size_, 0)) {}
  Rows& operator=(const Rows& other) {
    if (this != &other) *this = Rows(other);
    return *this;
  }
  Rows& operator=(Rows&& other) noexcept {
    std::swap(memory_, other.memory_);
    std::swap(size_, other.size_);
    return *this;
  }

  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  T* data() { return reinterpret_cast<T*>(memory_.data()); }
  const T* data() const { return reinterpret_cast<const T*>(memory_.data()); }
  T& operator[](std::size_t place) { return data()[place]; }
  const T& operator[](std::size_t place) const { return data()[place]; }
  T& front() { return data()[0]; }
  const T& front() const { return data()[0]; }
  T& back() { return data()[size_ - 1]; }
  const T& back() const { return data()[size_ - 1]; }

  iterator begin() { return {data(), &memory_}; }
  iterator end() { return {data() + size_, &memory_}; }
  const_iterator begin() const { return {data(), &memory_}; }
  const_iterator end() const { return {data() + size_, &memory_}; }

  void push_back(const T& row) {
    const T copy = row;  // it may be one of ours, and move
    if ((size_ + 1) * sizeof(T) > memory_.size()) memory_.grow();
    auto at = end();
    *at = copy;
    ++at;
    ++size_;
  }
  void clear() { *this = Rows(); }
  void let_go() const { memory_.let_go(); }
  bool in_file() const { return memory_.in_file(); }

  /// In order; how many were taken away.
  template <class Predicate>
  friend std::size_t erase_if(Rows& rows, Predicate is_unwanted) {
    auto kept = rows.begin();
    std::size_t count = 0;
    for (const T& row : std::as_const(rows))
      if (!is_unwanted(row)) {
        *kept = row;
        ++kept;
        ++count;
      }
    return std::exchange(rows.size_, count) - count;
  }
  /// Those that are equal keep their order. Rows that are in order already, as most are, stay where they are; to sort
  /// others takes memory for half of them.
  template <class Before>
  friend void sort_if_needed(Rows& rows, Before before) {
    if (std::is_sorted(rows.begin(), rows.end(), before)) return;
    std::stable_sort(rows.data(), rows.data() + rows.size_, before);
    rows.let_go();
  }

 private:
  template <class Some>
  void add(const Some& rows) {
    for (const T& row : rows) push_back(row);
  }

  RowMemory memory_;
  std::size_t size_ = 0;
};

}  // namespace vtlab::result
