// unwind.h — from registers and the top of a stack to who called whom. Pure, but for the files.
//
// By the rules in .eh_frame, which nearly every program on Linux carries for its exceptions, whether or
// not it has frame pointers. Where there are none (Go, code compiled at run time, hand-written
// assembler) by frame pointers; a return address that is found so is believed only where the instruction
// before it is a call.
//
// Threads   As the files: one at a time. x86-64 only.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "symbols/elf_file.h"

namespace vtlab::symbols {

/// Numbered as in DWARF (System V ABI, AMD64 supplement, figure 3.36): 7 is rsp, 16 is rip.
using Registers = std::array<std::uint64_t, 17>;
inline constexpr std::size_t kRip = 16;

/// Code at an address of a process: in a file, or (null) made at run time.
struct Code {
  const ElfFile* file = nullptr;
  std::uint64_t address = 0;  ///< in the file's own numbers, or in the process
};

/// Nothing if there is no code at that address of the process.
using FindCode = std::function<std::optional<Code>(std::uint64_t address)>;

struct Snapshot {
  Registers registers{};
  std::span<const std::byte> stack;  ///< from registers[7] on
  std::span<const std::uint64_t>
      kernels;  ///< by frame pointers as the kernel followed them, maybe beyond
                ///< `stack`; begins with rip
};

/// A word that decided how the stack was unwound.
struct Word {
  enum class Source : std::uint8_t { stack, rbp, rdi };
  Source source = Source::stack;
  bool relative = false;  ///< an address in the stack: `value` is its distance to the stack pointer
  std::uint32_t offset = 0;  ///< from the stack pointer
  std::uint64_t value = 0;
};

enum class StackEnd {
  outermost,       ///< the first frame of its thread was reached
  frame_pointers,  ///< the chain of frame pointers ended: the outermost, or a caller without one
  no_rules,        ///< no rules for that code and no frame pointer
  not_copied,      ///< the stack is deeper than what was taken of it
  no_code,         ///< nobody knows what is at that address
};

struct Frame {
  Code code;
  bool exact = false;  ///< the instruction itself, not the one after a call
};

struct Unwound {
  std::vector<Frame> frames;  ///< innermost first
  StackEnd end = StackEnd::no_code;
  /// What was read from each frame to the next; empty if other things than these words decided.
  std::vector<std::vector<Word>> steps;
};

Unwound unwind(const Snapshot& snapshot, const FindCode& find_code);

}  // namespace vtlab::symbols
