// cgroup.h — a control group (version 2) found by its path or by a word of its name. See cgroups(7).
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "lab/fd.h"

namespace vtlab::lab {

struct Cgroup {
  std::string path;    ///< below the root of the hierarchy: "/system.slice/nginx.service"
  std::string folder;  ///< where that is mounted
  Fd directory;
};

/// A folder, a path below the root of the hierarchy, or a word that the name of exactly one group is or
/// contains: a unit of systemd, the id of a container. Errors: lab::Error, usage for a word that means no
/// group or several, machine_cannot without the hierarchy.
Cgroup find_cgroup(const std::string& word);

/// Those of the group and of the groups below it, in no order, without vtlab.
std::vector<pid_t> processes_in(const Cgroup& cgroup);

}  // namespace vtlab::lab
