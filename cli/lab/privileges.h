// privileges.h — who really asked. Probes need root, the workload does not: it runs as the invoking
// user, without capabilities, and the files that vtlab writes belong to that user.
#pragma once

#include <sys/types.h>

#include <string>

namespace vtlab::lab {

struct User {
  uid_t uid = 0;
  gid_t gid = 0;
  std::string name;  ///< empty if unknown
  std::string home;  ///< as the system knows it, not HOME, which may be root's; empty if unknown
};

/// Under sudo(8) the user who typed it (SUDO_UID, SUDO_GID), else the user of this process.
User invoking_user();

/// For a child between fork and exec: becomes the user, with their groups, no capabilities and no
/// way to get any back (capabilities(7): bounding set, securebits; no_new_privs). Errors:
/// std::system_error; the caller must not go on.
void become(const User& user);

/// Gives a file that this process made to the user; does nothing if it is theirs.
void give_to(const User& user, int fd);

}  // namespace vtlab::lab
