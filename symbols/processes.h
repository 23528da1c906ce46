// processes.h — the programs that observed processes run: their memory maps, files, and names of code.
//
// Owns      the open files: a name can be looked up when the process is gone and its file replaced.
// Rule      A map is read while the process runs and believed only if it then still runs that image:
//           /proc/PID/stat has the two addresses that each exec chooses anew. Forked processes share
//           their parent's. Who was gone before is not named: no names are guessed.
// Threads   One thread at a time.
#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "symbols/elf_file.h"
#include "symbols/memory_map.h"
#include "symbols/perf_map.h"
#include "symbols/unwind.h"

namespace vtlab::symbols {

/// One program image; see the rule above.
struct ImageId {
  std::uint64_t start_code = 0, start_stack = 0;
  std::uint32_t execs = 0;
  auto operator<=>(const ImageId&) const = default;
};

/// What people call a piece of code.
struct Name {
  std::string function;  ///< empty if nobody knows
  std::string file;      ///< the program or library; empty for code that was made at run time
  std::string line;      ///< "main.cpp:17"; empty without debug information
  std::uint64_t address = 0;
};

class Processes {
 public:
  Processes();
  ~Processes();
  Processes(const Processes&) = delete;
  Processes& operator=(const Processes&) = delete;

  /// Unwinds a stack of the process `pid`; `relative` may run the same image (a child of it), and is
  /// asked if `pid` is gone. Frames are empty if both are, and nobody has asked for that image before.
  Unwound unwind(const ImageId& image, std::uint32_t pid, std::uint32_t relative,
                 const Snapshot& snapshot);

  /// Names of a frame of that image.
  Name name(const ImageId& image, const Frame& frame);

 private:
  struct Image;
  Image* image_of(const ImageId& id, std::uint32_t pid, std::uint32_t relative);
  bool read_maps(Image& image, const ImageId& id, std::uint32_t pid);
  const ElfFile* file_of(const Mapping& mapping, std::uint32_t pid);
  std::optional<Code> find_code(Image& image, std::uint64_t address);

  std::map<ImageId, std::unique_ptr<Image>> images_;
  std::map<std::pair<std::string, std::uint64_t>, std::unique_ptr<ElfFile>>
      files_;  // device, inode
};

}  // namespace vtlab::symbols
