// elf_file.h — what one program file or library says of its code: function, source line, how to unwind.
//
// Owns      the open file, and its separate debug file if there is one (found by build id or
//           .gnu_debuglink, as elfutils does it: below /usr/lib/debug).
// Errors    A damaged file is one that knows less; nothing throws.
// Threads   One thread at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

struct Dwarf_Frame_s;  // of elfutils; no other header of it is needed to use this one

namespace vtlab::symbols {

struct Function {
  std::string name;  ///< as its author wrote it: C++ names are demangled
  std::uint64_t start = 0;
};

/// What a symbol table says of one name.
struct Symbol {
  std::string name;  ///< as the linker has it: C++ names are mangled
  std::uint64_t address = 0;
  std::uint64_t size = 0;  ///< 0: not known
};

class ElfFile {
 public:
  /// Takes the descriptor, also if there is no ELF file behind it; null then. `path` is for people
  /// and for finding the debug file beside it.
  static std::unique_ptr<ElfFile> read(int fd, const std::string& path);
  ~ElfFile();
  ElfFile(const ElfFile&) = delete;
  ElfFile& operator=(const ElfFile&) = delete;

  const std::string& path() const;
  /// Where the linker put what stands at this place of the file; absent: it is not loaded as code.
  std::optional<std::uint64_t> address_of(std::uint64_t file_offset) const;
  /// The other way; absent: nothing of the file is loaded there as code.
  std::optional<std::uint64_t> file_offset_of(std::uint64_t address) const;
  /// What the file has at this address, as much of it as there is; valid as long as the file.
  std::span<const std::byte> bytes_at(std::uint64_t address, std::size_t size) const;
  /// The bytes of the section; empty if there is none.
  std::span<const std::byte> section(std::string_view name) const;

  /// All functions of that name, from the symbol tables and from Go's own table; each place once.
  std::vector<Symbol> functions(const std::function<bool(std::string_view name)>& wanted) const;
  /// A variable; only symbol tables know those.
  std::optional<Symbol> variable(std::string_view name) const;

  /// From the symbol tables, or from Go's own table; absent: no function is known there.
  std::optional<Function> function_at(std::uint64_t address) const;
  /// "file.cpp:17", from the debug information; empty if there is none.
  std::string line_at(std::uint64_t address) const;
  /// Is this where a call returns to? A word that is not cannot be a return address.
  bool follows_call(std::uint64_t address) const;

  struct FreeFrame {
    void operator()(Dwarf_Frame_s* frame) const;
  };
  /// The rules of .eh_frame at this address; null if there are none.
  std::unique_ptr<Dwarf_Frame_s, FreeFrame> frame_at(std::uint64_t address) const;

 private:
  struct Impl;
  explicit ElfFile(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace vtlab::symbols
