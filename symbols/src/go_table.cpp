#include "symbols/go_table.h"

#include <algorithm>
#include <cstring>

namespace vtlab::symbols {
namespace {

constexpr std::uint32_t kGo116 = 0xfffffffa, kGo118 = 0xfffffff0, kGo120 = 0xfffffff1;

}  // namespace

std::optional<std::uint64_t> GoTable::number(std::uint64_t at, unsigned bytes) const {
  if (at > table_.size() || table_.size() - at < bytes) return std::nullopt;
  std::uint64_t value = 0;
  std::memcpy(&value, table_.data() + at, bytes);  // little-endian, as the machines we run on
  return value;
}

std::optional<GoTable> GoTable::parse(std::span<const std::byte> table, std::uint64_t text) {
  GoTable go;
  go.table_ = table;
  const auto magic = go.number(0, 4);
  const auto pointer = go.number(7, 1);
  if (!magic || !pointer || (*pointer != 4 && *pointer != 8)) return std::nullopt;
  const bool old = *magic == kGo116;
  if (!old && *magic != kGo118 && *magic != kGo120) return std::nullopt;
  go.pointer_ = static_cast<unsigned>(*pointer);
  go.entry_ = old ? go.pointer_ : 4;
  // After 8 bytes: functions, files, since 1.18 the address of the first function, then the offsets
  // of names, compilation units, files, numbers by address, functions.
  const auto word = [&](unsigned index) { return go.number(8 + index * go.pointer_, go.pointer_); };
  const auto count = word(0), start = old ? std::optional<std::uint64_t>(0) : word(2);
  const auto names = word(old ? 2 : 3), functions = word(old ? 6 : 7);
  if (!count || !start || !names || !functions) return std::nullopt;
  go.count_ = *count;
  go.names_ = *names;
  go.functions_ = *functions;
  if (!old) go.text_ = *start != 0 ? *start : text;
  const auto pairs = table.size() / (2 * go.entry_);
  if (go.count_ == 0 || go.count_ > pairs || go.names_ >= table.size()) return std::nullopt;
  return go;
}

// Pairs of (start, place of the record); behind the last one stands the end of the last function.
std::optional<std::uint64_t> GoTable::start_of(std::uint64_t index) const {
  const auto start = number(functions_ + index * 2 * entry_, entry_);
  return start ? std::optional(text_ + *start) : std::nullopt;
}

std::optional<GoTable::Function> GoTable::function_at(std::uint64_t address) const {
  std::uint64_t low = 0, high = count_;  // the last function that starts at or before the address
  while (high - low > 1) {
    const std::uint64_t middle = low + (high - low) / 2;
    const auto start = start_of(middle);
    if (!start) return std::nullopt;
    (*start <= address ? low : high) = middle;
  }
  const auto start = start_of(low), end = start_of(low + 1);
  if (!start || !end || address < *start || address >= *end) return std::nullopt;
  return function(low);
}

std::optional<GoTable::Function> GoTable::function(std::uint64_t index) const {
  const auto start = start_of(index);
  const auto record = number(functions_ + (2 * index + 1) * entry_, entry_);
  if (!start || !record) return std::nullopt;
  // The record begins with the start again, and then the place of the name.
  const auto name = number(functions_ + *record + entry_, 4);
  if (!name || names_ + *name >= table_.size()) return std::nullopt;
  const char* text = reinterpret_cast<const char*>(table_.data()) + names_ + *name;
  const std::size_t most = table_.size() - names_ - *name;
  const std::size_t length = strnlen(text, most);
  if (length == 0 || length == most) return std::nullopt;
  return Function{{text, length}, *start};
}

}  // namespace vtlab::symbols
