#include "symbols/elf_file.h"

#include <cxxabi.h>
#include <elfutils/libdw.h>
#include <elfutils/libdwfl.h>
#include <fcntl.h>
#include <gelf.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <cstring>
#include <string_view>
#include <vector>

#include "symbols/go_table.h"

namespace vtlab::symbols {
namespace {

// The debug file is looked for when a name is first wanted, and then only on this machine's disks.
int find_debug_file(Dwfl_Module* module, void** user, const char* name, GElf_Addr base,
                    const char* file, const char* link, GElf_Word crc, char** found) {
  const char* servers = std::getenv("DEBUGINFOD_URLS");
  const std::string kept = servers ? servers : "";
  if (servers) unsetenv("DEBUGINFOD_URLS");
  const int fd = dwfl_standard_find_debuginfo(module, user, name, base, file, link, crc, found);
  if (servers) setenv("DEBUGINFOD_URLS", kept.c_str(), 1);
  return fd;
}

int find_no_file(Dwfl_Module*, void**, const char*, GElf_Addr, char**, Elf**) {
  return -1;
}

const Dwfl_Callbacks kCallbacks = {find_no_file, find_debug_file, dwfl_offline_section_address,
                                   nullptr};

struct EndDwfl {
  void operator()(Dwfl* dwfl) const { dwfl_end(dwfl); }
};

std::string demangled(const char* name) {
  int status = 0;
  char* text = abi::__cxa_demangle(name, nullptr, nullptr, &status);
  std::string result = text ? text : name;
  std::free(text);
  // glibc's versions ("fork@@GLIBC_2.2.5") say nothing of who it is.
  if (const auto version = result.find('@'); !text && version != std::string::npos && version > 0)
    result.resize(version);
  return result;
}

}  // namespace

struct ElfFile::Impl {
  std::string path;
  std::unique_ptr<Dwfl, EndDwfl> dwfl;
  Dwfl_Module* module = nullptr;  // owned by dwfl
  Elf* elf = nullptr;             // owned by module
  GElf_Addr bias = 0;             // address in dwfl − address in the file
  std::vector<GElf_Phdr> loaded;  // parts of the file that are in memory
  std::vector<GElf_Phdr> code;    // those of them that are code
  std::optional<GoTable> go;

  void read_segments() {
    std::size_t count = 0;
    if (elf_getphdrnum(elf, &count) != 0) return;
    for (std::size_t i = 0; i < count; ++i) {
      GElf_Phdr segment;
      if (!gelf_getphdr(elf, static_cast<int>(i), &segment) || segment.p_type != PT_LOAD) continue;
      loaded.push_back(segment);
      if (segment.p_flags & PF_X) code.push_back(segment);
    }
  }

  struct Section {
    GElf_Addr address = 0;
    std::span<const std::byte> bytes;
  };
  Section section(std::string_view wanted) const {
    std::size_t names = 0;
    if (elf_getshdrstrndx(elf, &names) != 0) return {};
    for (Elf_Scn* section = nullptr; (section = elf_nextscn(elf, section));) {
      GElf_Shdr header;
      if (!gelf_getshdr(section, &header)) continue;
      const char* name = elf_strptr(elf, names, header.sh_name);
      if (!name || name != wanted) continue;
      const Elf_Data* data = elf_rawdata(section, nullptr);
      if (!data || !data->d_buf) return {header.sh_addr, {}};
      return {header.sh_addr, {static_cast<const std::byte*>(data->d_buf), data->d_size}};
    }
    return {};
  }

  void read_go_table() {
    auto table = section(".gopclntab").bytes;
    if (table.empty()) table = section(".data.rel.ro.gopclntab").bytes;
    if (!table.empty()) go = GoTable::parse(table, section(".text").address);
  }

  // Calls each() with every symbol that is defined, until that returns false.
  template <typename Each>
  void for_each_symbol(Each each) const {
    const int count = dwfl_module_getsymtab(module);
    for (int i = 1; i < count; ++i) {
      GElf_Sym symbol;
      GElf_Addr address = 0;
      const char* name =
          dwfl_module_getsym_info(module, i, &symbol, &address, nullptr, nullptr, nullptr);
      if (!name || symbol.st_shndx == SHN_UNDEF) continue;
      if (!each(name, symbol, address - bias)) return;
    }
  }

  static const GElf_Phdr* segment_of(const std::vector<GElf_Phdr>& among, std::uint64_t address) {
    for (const GElf_Phdr& segment : among) {
      if (address >= segment.p_vaddr && address - segment.p_vaddr < segment.p_filesz)
        return &segment;
    }
    return nullptr;
  }
};

ElfFile::ElfFile(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
ElfFile::~ElfFile() = default;

std::unique_ptr<ElfFile> ElfFile::read(int fd, const std::string& path) {
  auto impl = std::make_unique<Impl>();
  impl->path = path;
  impl->dwfl.reset(dwfl_begin(&kCallbacks));
  if (impl->dwfl) {
    dwfl_report_begin(impl->dwfl.get());
    impl->module = dwfl_report_offline(impl->dwfl.get(), path.c_str(), path.c_str(), fd);
  }
  if (!impl->module) {
    close(fd);
    return nullptr;
  }
  dwfl_report_end(impl->dwfl.get(), nullptr, nullptr);
  impl->elf = dwfl_module_getelf(impl->module, &impl->bias);
  if (!impl->elf) return nullptr;
  impl->read_segments();
  impl->read_go_table();
  return std::unique_ptr<ElfFile>(new ElfFile(std::move(impl)));
}

const std::string& ElfFile::path() const {
  return impl_->path;
}

std::optional<std::uint64_t> ElfFile::address_of(std::uint64_t file_offset) const {
  for (const GElf_Phdr& segment : impl_->code) {
    if (file_offset >= segment.p_offset && file_offset - segment.p_offset < segment.p_filesz)
      return file_offset - segment.p_offset + segment.p_vaddr;
  }
  return std::nullopt;
}

std::optional<std::uint64_t> ElfFile::file_offset_of(std::uint64_t address) const {
  const GElf_Phdr* segment = Impl::segment_of(impl_->code, address);
  return segment ? std::optional(address - segment->p_vaddr + segment->p_offset) : std::nullopt;
}

std::span<const std::byte> ElfFile::bytes_at(std::uint64_t address, std::size_t size) const {
  const GElf_Phdr* segment = Impl::segment_of(impl_->loaded, address);
  if (!segment) return {};
  const std::uint64_t before = address - segment->p_vaddr;
  size = std::min<std::uint64_t>(size, segment->p_filesz - before);
  const Elf_Data* data = elf_getdata_rawchunk(
      impl_->elf, static_cast<std::int64_t>(segment->p_offset + before), size, ELF_T_BYTE);
  if (!data || !data->d_buf) return {};
  return {static_cast<const std::byte*>(data->d_buf), data->d_size};
}

std::span<const std::byte> ElfFile::section(std::string_view name) const {
  return impl_->section(name).bytes;
}

std::vector<Symbol> ElfFile::functions(const std::function<bool(std::string_view)>& wanted) const {
  std::vector<Symbol> found;
  const auto add = [&](std::string_view name, std::uint64_t address, std::uint64_t size) {
    const bool known = std::any_of(found.begin(), found.end(),
                                   [&](const Symbol& other) { return other.address == address; });
    if (!known) found.push_back({std::string(name), address, size});
  };
  impl_->for_each_symbol([&](const char* name, const GElf_Sym& symbol, std::uint64_t address) {
    if (GELF_ST_TYPE(symbol.st_info) == STT_FUNC && wanted(name))
      add(name, address, symbol.st_size);
    return true;
  });
  for (std::uint64_t i = 0; impl_->go && i < impl_->go->size(); ++i) {
    const auto function = impl_->go->function(i);
    if (function && wanted(function->name)) add(function->name, function->start, 0);
  }
  return found;
}

std::optional<Symbol> ElfFile::variable(std::string_view wanted) const {
  std::optional<Symbol> found;
  impl_->for_each_symbol([&](const char* name, const GElf_Sym& symbol, std::uint64_t address) {
    if (GELF_ST_TYPE(symbol.st_info) == STT_OBJECT && name == wanted)
      found = Symbol{name, address, symbol.st_size};
    return !found;
  });
  return found;
}

std::optional<Function> ElfFile::function_at(std::uint64_t address) const {
  GElf_Sym symbol;
  GElf_Off offset = 0;
  const char* name = dwfl_module_addrinfo(impl_->module, address + impl_->bias, &offset, &symbol,
                                          nullptr, nullptr, nullptr);
  // elfutils also offers the nearest symbol before, if that has no size: a guess.
  if (name && *name && GELF_ST_TYPE(symbol.st_info) == STT_FUNC &&
      (offset < symbol.st_size || symbol.st_size == 0))
    return Function{demangled(name), address - offset};
  if (!impl_->go) return std::nullopt;
  const auto go = impl_->go->function_at(address);
  return go ? std::optional(Function{std::string(go->name), go->start}) : std::nullopt;
}

std::string ElfFile::line_at(std::uint64_t address) const {
  Dwfl_Line* line = dwfl_module_getsrc(impl_->module, address + impl_->bias);
  int number = 0;
  const char* file =
      line ? dwfl_lineinfo(line, nullptr, &number, nullptr, nullptr, nullptr) : nullptr;
  if (!file || number <= 0) return {};
  return std::string(file) + ":" + std::to_string(number);
}

// Intel SDM 2: call rel32 is E8 and four bytes; call r/m64 is FF with 2 in the middle of the next byte,
// and two to seven bytes long.
bool ElfFile::follows_call(std::uint64_t address) const {
  constexpr std::size_t kLongest = 7;
  if (!Impl::segment_of(impl_->code, address - kLongest)) return false;
  const auto before = bytes_at(address - kLongest, kLongest);
  if (before.size() < kLongest) return false;
  const auto* bytes = reinterpret_cast<const unsigned char*>(before.data());
  if (bytes[kLongest - 5] == 0xe8) return true;
  for (std::size_t length = 2; length <= kLongest; ++length) {
    const unsigned char* call = bytes + kLongest - length;
    if (call[0] == 0xff && ((call[1] >> 3) & 7) == 2) return true;
  }
  return false;
}

void ElfFile::FreeFrame::operator()(Dwarf_Frame_s* frame) const {
  std::free(frame);
}

std::unique_ptr<Dwarf_Frame_s, ElfFile::FreeFrame> ElfFile::frame_at(std::uint64_t address) const {
  Dwarf_Addr bias = 0;
  Dwarf_CFI* rules = dwfl_module_eh_cfi(impl_->module, &bias);
  Dwarf_Frame* frame = nullptr;
  if (!rules || dwarf_cfi_addrframe(rules, address + impl_->bias - bias, &frame) != 0)
    return nullptr;
  return std::unique_ptr<Dwarf_Frame_s, FreeFrame>(frame);
}

}  // namespace vtlab::symbols
