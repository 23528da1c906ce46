#include "lab/runtime_file.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <climits>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <sstream>

#include "symbols/go_program.h"
#include "symbols/memory_map.h"

namespace vtlab::lab {
namespace {

// Never a pipe or a device: opening those can wait, or do something.
std::optional<RuntimeFile> open_elf(RuntimeKind kind, const std::string& handle,
                                    const std::string& path) {
  RuntimeFile file{kind, {}, path, Fd(open(handle.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)), {}};
  struct stat info {};
  if (!file.fd || fstat(file.fd.get(), &info) != 0 || !S_ISREG(info.st_mode)) return std::nullopt;
  file.elf = symbols::ElfFile::read(fcntl(file.fd.get(), F_DUPFD_CLOEXEC, 0), path);
  return file.elf ? std::optional(std::move(file)) : std::nullopt;
}

std::optional<RuntimeFile> as_go(const std::string& handle, const std::string& path) {
  auto file = open_elf(RuntimeKind::go, handle, path);
  if (!file) return std::nullopt;
  const auto version = symbols::go_version(*file->elf);
  if (!version) return std::nullopt;
  file->name = version->starts_with("go") ? "Go " + version->substr(2) : "Go";
  return file;
}

std::string folder_of(const std::string& path) {
  return path.substr(0, path.rfind('/'));
}

// A JDK says its version in the file `release`, two folders above that of libjvm.so.
std::string jdk_name(const std::string& libjvm) {
  std::ifstream in(folder_of(folder_of(folder_of(libjvm))) + "/release");
  const std::string key = "JAVA_VERSION=\"";
  for (std::string line; std::getline(in, line);)
    if (line.starts_with(key))
      return "JDK " + line.substr(key.size(), line.find('"', key.size()) - key.size());
  return "a JVM";
}

// `root`: of the mount namespace that the path is in; empty for ours.
std::optional<RuntimeFile> as_jvm(const std::string& root, const std::string& path) {
  auto file = open_elf(RuntimeKind::jvm, root + path, path);
  if (file) file->name = jdk_name(root + path);
  return file;
}

std::string real_path(const std::string& path) {
  char out[PATH_MAX];
  return realpath(path.c_str(), out) ? out : "";
}

// As execvp(3) finds it.
std::string found_in_path(const std::string& word) {
  if (word.find('/') != std::string::npos) return word;
  const char* path = std::getenv("PATH");
  std::istringstream folders(path ? path : "/bin:/usr/bin");
  for (std::string folder; std::getline(folders, folder, ':');) {
    const std::string candidate = (folder.empty() ? "." : folder) + "/" + word;
    if (access(candidate.c_str(), X_OK) == 0) return candidate;
  }
  return "";
}

bool is_libjvm(const std::string& path) {
  return path.ends_with("/libjvm.so");
}

}  // namespace

std::optional<RuntimeFile> runtime_of_program(const std::string& word) {
  const std::string path = real_path(found_in_path(word));
  if (path.empty()) return std::nullopt;
  if (path.ends_with("/java")) {
    const std::string library = real_path(folder_of(folder_of(path)) + "/lib/server/libjvm.so");
    if (is_libjvm(library)) return as_jvm("", library);
  }
  return as_go(path, path);
}

std::optional<RuntimeFile> runtime_of_process(pid_t pid) {
  const std::string proc = "/proc/" + std::to_string(pid);
  char program[PATH_MAX];
  const ssize_t length = readlink((proc + "/exe").c_str(), program, sizeof(program));
  if (length > 0) {
    const std::string path(program, static_cast<std::size_t>(length));
    if (auto go = as_go(proc + "/exe", path)) return go;
  }
  std::ifstream in(proc + "/maps");
  const std::string text((std::istreambuf_iterator<char>(in)), {});
  for (const symbols::Mapping& mapping : symbols::parse_maps(text))
    if (is_libjvm(mapping.path)) return as_jvm(proc + "/root", mapping.path);
  return std::nullopt;
}

}  // namespace vtlab::lab
