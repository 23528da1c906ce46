#include "lab/cgroup.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "lab/error.h"

namespace vtlab::lab {
namespace {

namespace fs = std::filesystem;

// proc_pid_mountinfo(5): after the fields come " - ", the type of the file system, its source.
fs::path hierarchy() {
  std::ifstream in("/proc/self/mountinfo");
  for (std::string line; std::getline(in, line);) {
    const auto dash = line.find(" - ");
    if (dash == std::string::npos || line.compare(dash, 11, " - cgroup2 ") != 0) continue;
    std::istringstream words(line);
    std::string skip, mount_point;
    for (int field = 0; field < 4; ++field) words >> skip;
    words >> mount_point;
    return mount_point;
  }
  throw Error(ExitCode::machine_cannot, "cannot observe a control group",
              {"the hierarchy of version 2 (cgroup2) is not mounted here"},
              {"mount -t cgroup2 none /sys/fs/cgroup"});
}

bool is_group(const fs::path& folder) {
  std::error_code ignored;
  return fs::exists(folder / "cgroup.procs", ignored);
}

// All groups whose name is the word; if there is none, all whose name contains it.
std::vector<fs::path> search(const fs::path& root, const std::string& word) {
  std::vector<fs::path> same, similar;
  std::error_code gone;  // groups come and go while we look
  for (fs::recursive_directory_iterator
           at(root, fs::directory_options::skip_permission_denied, gone),
       end;
       !gone && at != end; at.increment(gone)) {
    if (!at->is_directory(gone)) continue;
    const std::string name = at->path().filename();
    if (name == word)
      same.push_back(at->path());
    else if (name.find(word) != std::string::npos)
      similar.push_back(at->path());
  }
  return same.empty() ? similar : same;
}

std::string below(const fs::path& root, const fs::path& folder) {
  const std::string path = folder.lexically_relative(root);
  return path == "." ? "/" : "/" + path;
}

fs::path choose(const fs::path& root, const std::string& word) {
  const auto refuse = [&](std::vector<std::string> why) {
    return Error(ExitCode::usage, "--cgroup cannot be '" + word + "'", std::move(why),
                 {"systemd-cgls", "docker inspect -f '{{.Id}}' NAME"});
  };
  if (word.empty()) throw refuse({"a path or a name"});
  if (word.front() == '/') {
    const fs::path given = fs::path(word).lexically_normal();
    const std::string inside = below(root, given);
    const bool is_below = inside == "/" || !inside.starts_with("/..");
    if (is_below && is_group(given)) return given;
    const fs::path relative = (root / given.relative_path()).lexically_normal();
    if (is_group(relative)) return relative;
    throw refuse({"there is no such control group below " + root.string()});
  }
  const std::vector<fs::path> found = search(root, word);
  if (found.size() == 1) return found.front();
  if (found.empty()) throw refuse({"no control group below " + root.string() + " has that name"});
  std::vector<std::string> which{"that may be one of " + std::to_string(found.size()) + ":"};
  for (std::size_t i = 0; i < std::min<std::size_t>(found.size(), 5); ++i)
    which.push_back(below(root, found[i]));
  throw refuse(std::move(which));
}

}  // namespace

Cgroup find_cgroup(const std::string& word) {
  const fs::path root = hierarchy();
  const fs::path folder = choose(root, word);
  Cgroup cgroup{below(root, folder), folder,
                Fd(open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC))};
  if (!cgroup.directory)
    throw Error(ExitCode::usage, "--cgroup cannot be '" + word + "'", {"it is gone"});
  return cgroup;
}

std::vector<pid_t> processes_in(const Cgroup& cgroup) {
  std::vector<pid_t> all;
  const auto read = [&](const fs::path& folder) {
    std::ifstream in(folder / "cgroup.procs");
    for (pid_t pid; in >> pid;)
      if (pid != 0 && pid != getpid()) all.push_back(pid);
  };
  read(cgroup.folder);
  std::error_code gone;
  for (fs::recursive_directory_iterator
           at(cgroup.folder, fs::directory_options::skip_permission_denied, gone),
       end;
       !gone && at != end; at.increment(gone))
    if (at->is_directory(gone)) read(at->path());
  return all;
}

}  // namespace vtlab::lab
