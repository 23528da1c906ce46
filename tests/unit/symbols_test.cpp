// Names of code: Go's table, perf's maps, memory maps, and this very program's symbols and stack.
#include <ucontext.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "support/catch.h"
#include "symbols/go_table.h"
#include "symbols/memory_map.h"
#include "symbols/perf_map.h"
#include "symbols/processes.h"
#include "symbols/unwind.h"

namespace vtlab::symbols {
namespace {

// ---- Go: a table as the linker writes it, with 8-byte pointers ----

class GoBytes {
 public:
  void add(std::uint64_t value, unsigned bytes) {
    for (unsigned i = 0; i < bytes; ++i) bytes_.push_back(static_cast<std::byte>(value >> (8 * i)));
  }
  void add(const std::string& name) {
    for (const char c : name + '\0') bytes_.push_back(static_cast<std::byte>(c));
  }
  std::vector<std::byte>& bytes() { return bytes_; }

 private:
  std::vector<std::byte> bytes_;
};

struct GoFormat {
  std::uint32_t magic;
  bool has_text;   // since 1.18
  unsigned entry;  // bytes in the table of functions
};
constexpr GoFormat kFormats[] = {
    {0xfffffffa, false, 8}, {0xfffffff0, true, 4}, {0xfffffff1, true, 4}};
constexpr std::uint64_t kText = 0x401000;

// main.main at +0, main.work at +0x40, and the end at +0x100.
std::vector<std::byte> go_table(const GoFormat& format, std::uint64_t text = kText) {
  const std::uint64_t base = format.has_text ? 0 : text;
  const unsigned e = format.entry;
  const std::string names[] = {"main.main", "main.work"};
  const std::uint64_t header = 8 + 8 * (format.has_text ? 8 : 7);
  const std::uint64_t name_bytes = names[0].size() + names[1].size() + 2;
  const std::uint64_t functions = header + name_bytes;
  GoBytes table;
  table.add(format.magic, 4);
  table.add(0, 2);
  table.add(1, 1);
  table.add(8, 1);
  table.add(2, 8);  // functions
  table.add(1, 8);  // files
  if (format.has_text) table.add(text, 8);
  table.add(header, 8);  // names
  for (int i = 0; i < 3; ++i) table.add(functions, 8);
  table.add(functions, 8);
  for (const std::string& name : names) table.add(name);
  const std::uint64_t records = 5 * e;
  table.add(base + 0, e);
  table.add(records, e);
  table.add(base + 0x40, e);
  table.add(records + e + 4, e);
  table.add(base + 0x100, e);
  table.add(base + 0, e);
  table.add(0, 4);
  table.add(base + 0x40, e);
  table.add(names[0].size() + 1, 4);
  return table.bytes();
}

std::string name_at(const GoTable& table, std::uint64_t address) {
  const auto function = table.function_at(address);
  return function ? std::string(function->name) : "";
}

}  // namespace

TEST_CASE("Go functions have names in all formats of its table") {
  for (const GoFormat& format : kFormats) {
    CAPTURE(format.magic);
    const auto bytes = go_table(format);
    const auto table = GoTable::parse(bytes, 0);
    REQUIRE(table);
    CHECK(table->size() == 2);
    CHECK(name_at(*table, kText) == "main.main");
    CHECK(name_at(*table, kText + 0x3f) == "main.main");
    CHECK(name_at(*table, kText + 0x40) == "main.work");
    CHECK(name_at(*table, kText + 0xff) == "main.work");
    CHECK(name_at(*table, kText + 0x100).empty());
    CHECK(name_at(*table, kText - 1).empty());
    CHECK(table->function_at(kText + 0x50)->start == kText + 0x40);
  }
}

TEST_CASE("a Go table that does not say where its functions begin takes the section's address") {
  const auto bytes = go_table(kFormats[2], 0);
  const auto table = GoTable::parse(bytes, 0x7000);
  REQUIRE(table);
  CHECK(name_at(*table, 0x7041) == "main.work");
}

TEST_CASE("a Go table that is cut or damaged anywhere gives a name or none, and no crash") {
  for (const GoFormat& format : kFormats) {
    const auto whole = go_table(format);
    for (std::size_t length = 0; length < whole.size(); ++length) {
      const std::vector<std::byte> part(whole.begin(),
                                        whole.begin() + static_cast<std::ptrdiff_t>(length));
      if (const auto table = GoTable::parse(part, kText)) table->function_at(kText + 0x41);
    }
    for (std::size_t at = 0; at < whole.size(); ++at) {
      auto damaged = whole;
      damaged[at] = std::byte{0xff};
      if (const auto table = GoTable::parse(damaged, kText)) table->function_at(kText + 0x41);
    }
  }
  CHECK_FALSE(GoTable::parse({}, 0));
}

TEST_CASE("a perf map names what lies in its lines, and the later line wins") {
  const PerfMap map(
      "7f0010 20 LazyCompile:first\n0x7f0030 10 with spaces in it\nnot a line\n7f0050 0 empty\n"
      "7f0018 8 replaced\nfffffffffffffff0 ff last");
  CHECK(map.name_of(0x7f000f).empty());
  CHECK(map.name_of(0x7f0010).empty());  // the code that was there has been replaced
  CHECK(map.name_of(0x7f0018) == "replaced");
  CHECK(map.name_of(0x7f001f) == "replaced");
  CHECK(map.name_of(0x7f0020).empty());
  CHECK(map.name_of(0x7f003f) == "with spaces in it");
  CHECK(map.name_of(0x7f0040).empty());
  CHECK(map.name_of(0x7f0050).empty());
  CHECK(map.name_of(0xfffffffffffffff8) == "last");
}

TEST_CASE("of a memory map only code is kept, with names that have blanks") {
  const auto maps = parse_maps(
      "55d0a000-55d0b000 r--p 00000000 fe:01 77 /opt/my program\n"
      "55d0b000-55d0d000 r-xp 00001000 fe:01 77 /opt/my program (deleted)\n"
      "7f00000-7f01000 rwxp 00000000 00:00 0 \n"
      "7ff0000-7ff2000 r-xp 00000000 00:00 0                  [vdso]\nnonsense\n");
  REQUIRE(maps.size() == 3);
  CHECK(find(maps, 0x55d0afff) == nullptr);
  const Mapping* code = find(maps, 0x55d0b010);
  REQUIRE(code);
  CHECK(code->path == "/opt/my program");
  CHECK(code->inode == 77);
  CHECK(code->offset == 0x1000);
  REQUIRE(find(maps, 0x7f00000));
  CHECK(find(maps, 0x7f00000)->path.empty());
  CHECK(find(maps, 0x7ff1fff)->path == "[vdso]");
  CHECK(find(maps, 0x7ff2000) == nullptr);
}

// ---- our own stack, taken as the kernel side takes one ----

struct OwnStack {
  Registers registers{};
  std::vector<std::byte> bytes;
};

// Byte by byte, and not looked at by the sanitizer: a stack is read here with all that lies between the
// variables, which memcpy must not.
[[gnu::noinline, gnu::no_sanitize_address]] void copy_stack(std::byte* to, std::uint64_t from,
                                                            std::size_t length) {
  const auto* bytes = reinterpret_cast<const volatile std::byte*>(from);
  for (std::size_t i = 0; i < length; ++i) to[i] = bytes[i];
}

[[gnu::noinline]] void take(OwnStack& to, std::size_t length) {
  ucontext_t context;
  getcontext(&context);
  const auto& r = context.uc_mcontext.gregs;
  const int order[] = {REG_RAX, REG_RDX, REG_RCX, REG_RBX, REG_RSI, REG_RDI,
                       REG_RBP, REG_RSP, REG_R8,  REG_R9,  REG_R10, REG_R11,
                       REG_R12, REG_R13, REG_R14, REG_R15, REG_RIP};
  for (std::size_t i = 0; i < to.registers.size(); ++i)
    to.registers[i] = static_cast<std::uint64_t>(r[order[i]]);
  to.bytes.resize(length);
  copy_stack(to.bytes.data(), to.registers[7], length);
}

[[gnu::noinline]] void inner_function(OwnStack& to, std::size_t length) {
  take(to, length);
  asm volatile("");
}

[[gnu::noinline]] void outer_function(OwnStack& to, std::size_t length) {
  inner_function(to, length);
  asm volatile("");
}

struct Self {
  ImageId image;
  std::uint32_t pid = static_cast<std::uint32_t>(getpid());
};

Self self() {
  Self me;
  std::ifstream in("/proc/self/stat");
  std::string text((std::istreambuf_iterator<char>(in)), {});
  std::istringstream fields(text.substr(text.rfind(") ") + 2));
  std::string field;
  for (int number = 3; fields >> field; ++number) {
    if (number == 26) me.image.start_code = std::stoull(field);
    if (number == 28) me.image.start_stack = std::stoull(field);
  }
  return me;
}

TEST_CASE("a stack is unwound and named from its registers and bytes") {
  Processes processes;
  const Self me = self();
  OwnStack stack;
  outer_function(stack, 4096);
  const Unwound unwound =
      processes.unwind(me.image, me.pid, me.pid, {stack.registers, stack.bytes, {}});
  REQUIRE(unwound.frames.size() > 3);
  const char* expected[] = {"take", "inner_function", "outer_function"};
  for (std::size_t i = 0; i < 3; ++i) {
    const Name name = processes.name(me.image, unwound.frames[i]);
    CAPTURE(i, name.function);
    CHECK(name.function.find(std::string("vtlab::symbols::") + expected[i] + "(") == 0);
    CHECK(name.file.ends_with("suite-unit"));
    CHECK((name.line.empty() || name.line.find("symbols_test.cpp:") != std::string::npos));
  }
}

TEST_CASE("a stack of which too little was copied says so, and is not learned") {
  Processes processes;
  const Self me = self();
  OwnStack stack;
  outer_function(stack, 64);
  const Unwound unwound =
      processes.unwind(me.image, me.pid, me.pid, {stack.registers, stack.bytes, {}});
  CHECK(unwound.end == StackEnd::not_copied);
  CHECK(unwound.steps.empty());
}

TEST_CASE("a process that runs another image than asked for is not believed") {
  Processes processes;
  Self me = self();
  me.image.start_stack += 16;
  OwnStack stack;
  outer_function(stack, 4096);
  const Unwound unwound =
      processes.unwind(me.image, me.pid, me.pid, {stack.registers, stack.bytes, {}});
  CHECK(unwound.frames.empty());
}

TEST_CASE("garbage in place of a stack ends somewhere, with a reason and without a crash") {
  Processes processes;
  const Self me = self();
  OwnStack stack;
  outer_function(stack, 4096);
  std::uint64_t seed = 20261122;
  for (int round = 0; round < 300; ++round) {
    auto bytes = stack.bytes;
    for (std::size_t at = 8 * (seed % 16); at < bytes.size(); at += 1 + seed % 512) {
      seed = seed * 6364136223846793005u + 1442695040888963407u;
      bytes[at] = static_cast<std::byte>(seed >> 56);
    }
    const Unwound unwound =
        processes.unwind(me.image, me.pid, me.pid, {stack.registers, bytes, {}});
    CHECK(unwound.frames.size() <= 128);
  }
}

}  // namespace vtlab::symbols
