// Where a uprobe is cheap, functions by name, and what a Go program file says of its runtime.
#include "symbols/probe_place.h"

#include <fcntl.h>

#include <initializer_list>
#include <string>
#include <vector>

#include "support/catch.h"
#include "symbols/elf_file.h"
#include "symbols/go_program.h"

extern "C" __attribute__((noinline)) int vtlab_test_known_function(int x) {
  asm volatile("" : "+r"(x));
  return x + 1;
}
extern "C" {
int vtlab_test_known_variable = 1009;
}

namespace vtlab::symbols {
namespace {

std::vector<std::byte> code(std::initializer_list<unsigned> bytes) {
  std::vector<std::byte> out;
  for (const unsigned byte : bytes) out.push_back(static_cast<std::byte>(byte));
  return out;
}

ProbePlace place(std::initializer_list<unsigned> bytes) {
  return probe_place(code(bytes));
}

constexpr ProbePlace kDear{};

std::unique_ptr<ElfFile> this_program() {
  return ElfFile::read(open("/proc/self/exe", O_RDONLY | O_CLOEXEC), "/proc/self/exe");
}

}  // namespace

TEST_CASE("a push or a nop of 5 bytes at the start is where a probe is cheap") {
  CHECK(place({0x55, 0x48, 0x89, 0xe5}) == ProbePlace{0, true});
  CHECK(place({0x53, 0x48}) == ProbePlace{0, true});
  CHECK(place({0x41, 0x57, 0x41, 0x56}) == ProbePlace{0, true});
  CHECK(place({0x0f, 0x1f, 0x44, 0x00, 0x00, 0x55}) == ProbePlace{0, true});
  CHECK(place({0xf3, 0x0f, 0x1e, 0xfa, 0x55, 0x48}) == ProbePlace{4, true});
}

TEST_CASE("behind the stack check of a Go function its push is where a probe is cheap") {
  // cmp 0x10(%r14),%rsp, jbe near or far, push %rbp
  CHECK(place({0x49, 0x3b, 0x66, 0x10, 0x76, 0x18, 0x55}) == ProbePlace{6, true});
  CHECK(place({0x49, 0x3b, 0x66, 0x10, 0x0f, 0x86, 1, 2, 3, 4, 0x55}) == ProbePlace{10, true});
  // lea -x(%rsp),%r12, cmp 0x10(%r14),%r12
  CHECK(place({0x4c, 0x8d, 0x64, 0x24, 0xa0, 0x4d, 0x3b, 0x66, 0x10, 0x0f, 0x86, 1, 2, 3, 4,
               0x55}) == ProbePlace{15, true});
  CHECK(place({0x4c, 0x8d, 0xa4, 0x24, 1, 2, 3, 4, 0x4d, 0x3b, 0x66, 0x10, 0x0f, 0x86, 1, 2, 3, 4,
               0x55}) == ProbePlace{18, true});
  // mov %rsp,%r12, sub, jb, cmp, jbe
  CHECK(place({0x49, 0x89, 0xe4, 0x49, 0x81, 0xec, 1,    2,    3, 4, 0x0f, 0x82, 1,   2,
               3,    4,    0x4d, 0x3b, 0x66, 0x10, 0x0f, 0x86, 1, 2, 3,    4,    0x55}) ==
        ProbePlace{26, true});
}

TEST_CASE("any other beginning is left alone: the probe stands at the start and is dear") {
  CHECK(place({}) == kDear);
  CHECK(place({0x48, 0x83, 0xec, 0x18, 0x55}) == kDear);              // sub first, push later
  CHECK(place({0x49, 0x3b, 0x66, 0x18, 0x76, 0x18, 0x55}) == kDear);  // another bound
  CHECK(place({0x49, 0x3b, 0x66, 0x10, 0x77, 0x18, 0x55}) == kDear);  // ja
  CHECK(place({0x49, 0x3b, 0x66, 0x10, 0x76, 0x18, 0x48, 0x83, 0xec, 0x18}) == kDear);
  CHECK(place({0xf3, 0x0f, 0x1e, 0xfa, 0x48, 0x8b}) == kDear);
  CHECK(place({0x41, 0x89, 0xc0}) == kDear);
  CHECK(place({0x0f, 0x1f, 0x00, 0x55}) == kDear);  // another nop
}

TEST_CASE("code that ends anywhere within a beginning is decoded no further than it goes") {
  const auto whole = code({0x49, 0x89, 0xe4, 0x49, 0x81, 0xec, 1,    2,    3, 4, 0x0f, 0x82, 1,   2,
                           3,    4,    0x4d, 0x3b, 0x66, 0x10, 0x0f, 0x86, 1, 2, 3,    4,    0x55});
  for (std::size_t length = 0; length < whole.size(); ++length) {
    const std::vector<std::byte> part(whole.begin(),
                                      whole.begin() + static_cast<std::ptrdiff_t>(length));
    CHECK(probe_place(part) == kDear);
  }
}

TEST_CASE("functions and variables are found by name, with their bytes and place in the file") {
  const auto file = this_program();
  REQUIRE(file);
  const auto found = file->functions([](auto name) { return name == "vtlab_test_known_function"; });
  REQUIRE(found.size() == 1);
  CHECK(file->function_at(found[0].address)->name == "vtlab_test_known_function");
  const auto offset = file->file_offset_of(found[0].address);
  REQUIRE(offset);
  CHECK(file->address_of(*offset) == found[0].address);
  const auto bytes = file->bytes_at(found[0].address, 8);
  REQUIRE(bytes.size() == 8);
  CHECK(std::equal(bytes.begin(), bytes.end(),
                   reinterpret_cast<const std::byte*>(&vtlab_test_known_function)));
  CHECK(file->functions([](auto name) { return name == "no_such_function"; }).empty());
  const auto variable = file->variable("vtlab_test_known_variable");
  REQUIRE(variable);
  CHECK(variable->size == sizeof(int));
  CHECK_FALSE(file->variable("vtlab_test_known_function"));
  CHECK_FALSE(file->file_offset_of(variable->address));  // no code
  CHECK(file->bytes_at(0x7000'0000'0000, 8).empty());
}

TEST_CASE("the version of a Go program is read from its build information") {
  const auto info = [](char flags, const std::string& rest) {
    std::string text = "\xff Go buildinf:";
    text += '\x08';
    text += flags;
    text += std::string(16, '\0') + rest;
    const auto* bytes = reinterpret_cast<const std::byte*>(text.data());
    return parse_go_version({bytes, text.size()});
  };
  CHECK(info(2, "\x08go1.24.4") == "go1.24.4");
  CHECK(info(2, "\x09go1.24.4") == "");  // cut off
  CHECK(info(0, "\x08go1.17.1") == "");  // a pointer, before 1.18
  CHECK(info(2, "") == std::nullopt);
  CHECK_FALSE(parse_go_version({}));
  const auto self = this_program();
  REQUIRE(self);
  CHECK_FALSE(go_version(*self));
  CHECK(go_wait_reasons(*self).empty());
}

}  // namespace vtlab::symbols
