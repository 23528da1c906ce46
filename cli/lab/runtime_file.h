// runtime_file.h — is this program a Go program or a JVM, and in which file is the code of its runtime?
//
// Owns      RuntimeFile: the open file, so that it stays the same one if its name gets another.
// Errors    None: what cannot be read is not recognised.
#pragma once

#include <sys/types.h>

#include <memory>
#include <optional>
#include <string>

#include "lab/fd.h"
#include "symbols/elf_file.h"

namespace vtlab::lab {

enum class RuntimeKind { go, jvm };

struct RuntimeFile {
  RuntimeKind kind{};
  std::string name;  ///< "Go 1.24.4", "JDK 25.0.1"
  std::string path;  ///< for people
  Fd fd;
  std::unique_ptr<symbols::ElfFile> elf;

  /// For the kernel to open.
  std::string handle() const { return "/proc/self/fd/" + std::to_string(fd.get()); }
};

/// A program as it is typed: looked for in PATH unless it has a slash. Go's own programs, and `java`, also
/// through symbolic links; nothing of scripts that start them.
std::optional<RuntimeFile> runtime_of_program(const std::string& word);

/// A running process: its program, or the libjvm.so that it has mapped.
std::optional<RuntimeFile> runtime_of_process(pid_t pid);

}  // namespace vtlab::lab
