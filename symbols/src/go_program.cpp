#include "symbols/go_program.h"

#include <cstdint>
#include <cstring>
#include <string_view>

namespace vtlab::symbols {
namespace {

std::string_view text_of(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace

std::optional<std::string> parse_go_version(std::span<const std::byte> info) {
  constexpr std::string_view kMagic = "\xff Go buildinf:";
  constexpr std::size_t kFlags = 15, kVersion = 32;
  constexpr unsigned kInline = 2;  // the text stands here, since Go 1.18; before, a pointer to it
  const std::string_view text = text_of(info);
  if (!text.starts_with(kMagic) || text.size() <= kVersion) return std::nullopt;
  if (!(static_cast<unsigned char>(text[kFlags]) & kInline)) return "";
  // A length of one byte: 7 bits say it, and the eighth that more would follow.
  const auto length = static_cast<unsigned char>(text[kVersion]);
  if (length >= 0x80 || text.size() - kVersion - 1 < length) return "";
  return std::string(text.substr(kVersion + 1, length));
}

std::optional<std::string> go_version(const ElfFile& file) {
  return parse_go_version(file.section(".go.buildinfo"));
}

std::vector<std::string> go_wait_reasons(const ElfFile& file) {
  constexpr std::size_t kMost = 256;
  struct GoString {
    std::uint64_t address, length;
  };
  const auto table = file.variable("runtime.waitReasonStrings");
  if (!table || table->size / sizeof(GoString) > kMost) return {};
  std::vector<GoString> strings(table->size / sizeof(GoString));
  const std::size_t size = strings.size() * sizeof(GoString);
  const auto bytes = file.bytes_at(table->address, size);
  if (strings.empty() || bytes.size() < size) return {};
  std::memcpy(strings.data(), bytes.data(), size);
  std::vector<std::string> out;
  bool any = false;
  for (const GoString& string : strings) {
    const auto text = string.length <= kMost ? text_of(file.bytes_at(string.address, string.length))
                                             : std::string_view();
    any = any || !text.empty();
    out.emplace_back(text);
  }
  return any ? out : std::vector<std::string>();
}

}  // namespace vtlab::symbols
