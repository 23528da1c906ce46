// go_table.h — names of Go functions from .gopclntab, which also a stripped Go program has: its runtime
// unwinds by it. Formats of Go 1.16, 1.18 and 1.20 (the last one to date: 1.24 and later write it too).
//
// Fact      Layout: go.dev/src/runtime/symtab.go (pcHeader, funcTab, _func) and
//           go.dev/src/debug/gosym/pclntab.go.
// Threads   Plain values. The bytes are not copied: they must live as long as the table.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace vtlab::symbols {

class GoTable {
 public:
  struct Function {
    std::string_view name;
    std::uint64_t start = 0;
  };

  /// `text` is the address of the section .text: where the table does not say where its functions
  /// begin (position-independent programs). Nothing if this is no table that is known here.
  static std::optional<GoTable> parse(std::span<const std::byte> table, std::uint64_t text);

  /// Nothing if the address is before the first function or after the last, or the table is damaged.
  std::optional<Function> function_at(std::uint64_t address) const;
  std::uint64_t size() const { return count_; }
  /// By number, below size(); nothing if the table is damaged there.
  std::optional<Function> function(std::uint64_t index) const;

 private:
  std::optional<std::uint64_t> number(std::uint64_t at, unsigned bytes) const;
  std::optional<std::uint64_t> start_of(std::uint64_t index) const;

  std::span<const std::byte> table_;
  unsigned pointer_ = 8;  // bytes of a pointer in this program
  unsigned entry_ = 4;    // bytes of a number in the table of functions
  std::uint64_t count_ = 0, text_ = 0, names_ = 0, functions_ = 0;
};

}  // namespace vtlab::symbols
