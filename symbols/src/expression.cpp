#include "expression.h"

#include <dwarf.h>

#include <vector>

namespace vtlab::symbols {
namespace {

using Number = std::optional<std::uint64_t>;

Number of_two(unsigned atom, std::uint64_t left, std::uint64_t right) {
  switch (atom) {
    case DW_OP_plus:
      return left + right;
    case DW_OP_minus:
      return left - right;
    case DW_OP_and:
      return left & right;
    case DW_OP_shl:
      return right < 64 ? left << right : 0;
    case DW_OP_ge:
      return static_cast<std::int64_t>(left) >= static_cast<std::int64_t>(right);
    default:
      return std::nullopt;
  }
}

// An operation that pushes without popping; nothing if it is another one.
Number pushed(const Dwarf_Op& op, const ExpressionContext& context, bool& known) {
  known = true;
  const unsigned atom = op.atom;
  if (atom >= DW_OP_lit0 && atom <= DW_OP_lit31) return atom - DW_OP_lit0;
  if (atom >= DW_OP_breg0 && atom <= DW_OP_breg31) {
    const Number base = context.read_register(atom - DW_OP_breg0);
    return base ? Number(*base + op.number) : std::nullopt;
  }
  switch (atom) {
    case DW_OP_bregx: {
      const Number base = context.read_register(static_cast<unsigned>(op.number));
      return base ? Number(*base + op.number2) : std::nullopt;
    }
    case DW_OP_const1u:
    case DW_OP_const1s:
    case DW_OP_const2u:
    case DW_OP_const2s:
    case DW_OP_const4u:
    case DW_OP_const4s:
    case DW_OP_const8u:
    case DW_OP_const8s:
    case DW_OP_constu:
    case DW_OP_consts:
      return op.number;
    case DW_OP_call_frame_cfa:
      return context.frame_address;
    default:
      known = false;
      return std::nullopt;
  }
}

}  // namespace

std::optional<Location> evaluate(const Dwarf_Op* operations, std::size_t count,
                                 const ExpressionContext& context) {
  std::vector<std::uint64_t> stack;
  for (std::size_t i = 0; i < count; ++i) {
    const Dwarf_Op& op = operations[i];
    const unsigned atom = op.atom;
    if (atom >= DW_OP_reg0 && atom <= DW_OP_reg31)
      return Location{Location::Kind::in_register, atom - DW_OP_reg0};
    if (atom == DW_OP_regx) return Location{Location::Kind::in_register, op.number};
    bool is_push = false;
    if (const Number value = pushed(op, context, is_push)) {
      stack.push_back(*value);
      continue;
    }
    if (is_push || stack.empty()) return std::nullopt;
    if (atom == DW_OP_stack_value) return Location{Location::Kind::value, stack.back()};
    if (atom == DW_OP_plus_uconst) {
      stack.back() += op.number;
    } else if (atom == DW_OP_deref) {
      const Number word = context.read_memory(stack.back());
      if (!word) return std::nullopt;
      stack.back() = *word;
    } else {
      const std::uint64_t right = stack.back();
      stack.pop_back();
      const Number result = stack.empty() ? std::nullopt : of_two(atom, stack.back(), right);
      if (!result) return std::nullopt;
      stack.back() = *result;
    }
  }
  if (stack.empty()) return std::nullopt;
  return Location{Location::Kind::address, stack.back()};
}

}  // namespace vtlab::symbols
