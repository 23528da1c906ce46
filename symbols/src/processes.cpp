#include "symbols/processes.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cinttypes>
#include <cstdio>
#include <fstream>
#include <sstream>

namespace vtlab::symbols {
namespace {

constexpr off_t kLargestPerfMap = 256 << 20;

std::string read_file(const std::string& path) {
  std::ifstream in(path);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

// proc(5): fields 26 and 28 of /proc/PID/stat, counted behind the name, which may hold anything.
bool runs_image(std::uint32_t pid, const ImageId& id) {
  const std::string text = read_file("/proc/" + std::to_string(pid) + "/stat");
  const auto name_end = text.rfind(") ");
  if (name_end == std::string::npos) return false;
  std::istringstream fields(text.substr(name_end + 2));
  std::string field;
  std::uint64_t start_code = 0, start_stack = 0;
  for (int number = 3; number <= 28 && fields >> field; ++number) {
    if (number == 26) start_code = std::strtoull(field.c_str(), nullptr, 10);
    if (number == 28) start_stack = std::strtoull(field.c_str(), nullptr, 10);
  }
  return start_code == id.start_code && start_stack == id.start_stack;
}

// The pid as the process itself knows it, in the innermost namespace; that is how it names its file.
std::string own_pid(std::uint32_t pid) {
  std::istringstream status(read_file("/proc/" + std::to_string(pid) + "/status"));
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("NSpid:")) return line.substr(line.find_last_of("\t ") + 1);
  }
  return std::to_string(pid);
}

// As perf does: what is no regular file of that user's or root's is not read.
std::string read_perf_map(int folder, const std::string& path, uid_t user) {
  const int fd = openat(folder, path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
  struct stat status {};
  std::string text;
  if (fd < 0) return text;
  if (fstat(fd, &status) == 0 && S_ISREG(status.st_mode) && status.st_size <= kLargestPerfMap &&
      (status.st_uid == user || status.st_uid == 0)) {
    text.resize(static_cast<std::size_t>(status.st_size));
    const ssize_t length = pread(fd, text.data(), text.size(), 0);
    text.resize(length > 0 ? static_cast<std::size_t>(length) : 0);
  }
  close(fd);
  return text;
}

}  // namespace

struct Processes::Image {
  std::string own_pid;
  uid_t user = 0;
  std::vector<Mapping> maps;
  std::vector<const ElfFile*> files;  // by place in maps; null: none, or not readable
  std::unique_ptr<PerfMap> names;     // read when first wanted
  // The folder that the process has as its root, where a program makes code at run time: it may write
  // the names of that only when it ends.
  int root = -1;

  Image() = default;
  ~Image() {
    if (root >= 0) close(root);
  }
  Image(const Image&) = delete;
  Image& operator=(const Image&) = delete;
};

Processes::Processes() = default;
Processes::~Processes() = default;

const ElfFile* Processes::file_of(const Mapping& mapping, std::uint32_t pid) {
  if (mapping.inode == 0) return nullptr;
  const auto [known, is_new] = files_.try_emplace({mapping.device, mapping.inode});
  if (!is_new) return known->second.get();
  char range[64];
  std::snprintf(range, sizeof range, "%" PRIx64 "-%" PRIx64, mapping.start, mapping.end);
  const std::string process = "/proc/" + std::to_string(pid);
  // The mapping itself, also if the file has been deleted; that needs a capability that may be missing.
  for (const std::string& path :
       {process + "/map_files/" + range, process + "/root" + mapping.path, mapping.path}) {
    const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0) continue;
    struct stat status {};
    if (fstat(fd, &status) != 0 || !S_ISREG(status.st_mode) || status.st_ino != mapping.inode) {
      close(fd);
      continue;
    }
    known->second = ElfFile::read(fd, mapping.path);
    break;
  }
  return known->second.get();
}

bool Processes::read_maps(Image& image, const ImageId& id, std::uint32_t pid) {
  auto maps = parse_maps(read_file("/proc/" + std::to_string(pid) + "/maps"));
  if (maps.empty() || !runs_image(pid, id)) return false;
  image.maps = std::move(maps);
  image.own_pid = own_pid(pid);
  struct stat status {};
  if (stat(("/proc/" + std::to_string(pid)).c_str(), &status) == 0) image.user = status.st_uid;
  const bool makes_code = std::any_of(image.maps.begin(), image.maps.end(), [](const Mapping& m) {
    return m.inode == 0 && !m.path.starts_with("[v");  // [vdso], [vsyscall]
  });
  if (makes_code && image.root < 0)
    image.root = open(("/proc/" + std::to_string(pid) + "/root").c_str(), O_PATH | O_CLOEXEC);
  image.files.clear();
  for (const Mapping& mapping : image.maps) image.files.push_back(file_of(mapping, pid));
  return true;
}

Processes::Image* Processes::image_of(const ImageId& id, std::uint32_t pid,
                                      std::uint32_t relative) {
  const auto known = images_.find(id);
  if (known != images_.end()) return known->second.get();
  auto image = std::make_unique<Image>();
  if (!read_maps(*image, id, pid) && !read_maps(*image, id, relative)) return nullptr;
  return images_.emplace(id, std::move(image)).first->second.get();
}

std::optional<Code> Processes::find_code(Image& image, std::uint64_t address) {
  const Mapping* mapping = find(image.maps, address);
  if (!mapping) return std::nullopt;
  const ElfFile* file = image.files[static_cast<std::size_t>(mapping - image.maps.data())];
  if (!file) return Code{nullptr, address};
  const auto in_file = file->address_of(address - mapping->start + mapping->offset);
  return in_file ? std::optional(Code{file, *in_file}) : std::nullopt;
}

Unwound Processes::unwind(const ImageId& id, std::uint32_t pid, std::uint32_t relative,
                          const Snapshot& snapshot) {
  Image* image = image_of(id, pid, relative);
  if (!image) return {};
  const FindCode find = [&](std::uint64_t address) { return find_code(*image, address); };
  Unwound unwound = symbols::unwind(snapshot, find);
  // It may have loaded something since its maps were read.
  if (unwound.end == StackEnd::no_code &&
      (read_maps(*image, id, pid) || read_maps(*image, id, relative)))
    unwound = symbols::unwind(snapshot, find);
  return unwound;
}

Name Processes::name(const ImageId& id, const Frame& frame) {
  Name name;
  name.address = frame.code.address;
  if (frame.code.file) {
    name.file = frame.code.file->path();
    if (const auto function = frame.code.file->function_at(frame.code.address))
      name.function = function->name;
    name.line = frame.code.file->line_at(frame.code.address);
    return name;
  }
  const auto image = images_.find(id);
  if (image == images_.end()) return name;
  Image& of = *image->second;
  if (const Mapping* mapping = find(of.maps, frame.code.address)) name.file = mapping->path;
  if (!of.names) {
    const std::string file = "tmp/perf-" + of.own_pid + ".map";
    of.names = std::make_unique<PerfMap>(of.root < 0 ? "" : read_perf_map(of.root, file, of.user));
  }
  name.function = of.names->name_of(frame.code.address);
  return name;
}

}  // namespace vtlab::symbols
