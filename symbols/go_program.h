// go_program.h — what a Go program file says of its runtime, also if it is stripped.
//
// Fact      Layout of .go.buildinfo: go.dev/src/debug/buildinfo/buildinfo.go.
// Threads   Pure functions.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "symbols/elf_file.h"

namespace vtlab::symbols {

/// "go1.24.4"; empty: it is one, of a version that nobody can tell (before 1.18); absent: no Go program.
std::optional<std::string> go_version(const ElfFile& file);

/// The same, of the bytes of .go.buildinfo.
std::optional<std::string> parse_go_version(std::span<const std::byte> build_info);

/// Why a goroutine can wait, by the runtime's number, as its traces say it; empty: stripped, or made
/// position-independent.
std::vector<std::string> go_wait_reasons(const ElfFile& file);

}  // namespace vtlab::symbols
