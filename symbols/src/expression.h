// expression.h — the small part of DWARF expressions that rules of unwinding are made of. Private to
// symbols/src.
#pragma once

#include <elfutils/libdw.h>

#include <cstdint>
#include <functional>
#include <optional>

namespace vtlab::symbols {

/// What an expression may ask for; nothing if that cannot be had.
struct ExpressionContext {
  std::function<std::optional<std::uint64_t>(unsigned number)> read_register;
  std::function<std::optional<std::uint64_t>(std::uint64_t address)> read_memory;
  std::optional<std::uint64_t> frame_address;  ///< DW_OP_call_frame_cfa
};

struct Location {
  enum class Kind { address, value, in_register } kind;
  std::uint64_t number;
};

/// Nothing if an operation is not known here or what it asks for cannot be had.
std::optional<Location> evaluate(const Dwarf_Op* operations, std::size_t count,
                                 const ExpressionContext& context);

}  // namespace vtlab::symbols
