#include "lab/privileges.h"

#include <grp.h>
#include <linux/capability.h>
#include <linux/securebits.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <optional>
#include <system_error>

namespace vtlab::lab {
namespace {

std::optional<unsigned> number_from(const char* variable) {
  const char* text = std::getenv(variable);
  if (!text || !*text) return std::nullopt;
  char* end = nullptr;
  const unsigned long value = std::strtoul(text, &end, 10);
  if (*end != '\0') return std::nullopt;
  return static_cast<unsigned>(value);
}

void check(int result, const char* what) {
  if (result != 0) throw std::system_error(errno, std::generic_category(), what);
}

// Without this an exec as uid 0 would get every capability of the bounding set again.
void drop_capabilities() {
  for (unsigned long capability = 0; prctl(PR_CAPBSET_READ, capability) >= 0; ++capability) {
    // EPERM: a process without CAP_SETPCAP; it then has nothing to lose that no_new_privs does not
    // hold back.
    if (prctl(PR_CAPBSET_DROP, capability) != 0 && errno != EPERM)
      check(-1, "dropping capabilities");
  }
  if (geteuid() == 0) prctl(PR_SET_SECUREBITS, SECBIT_NOROOT | SECBIT_NOROOT_LOCKED);
}

void clear_capability_sets() {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct none[2] = {};
  check(static_cast<int>(syscall(SYS_capset, &header, none)), "clearing capabilities");
  prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
}

}  // namespace

User invoking_user() {
  User user{getuid(), getgid(), {}, {}};
  if (geteuid() == 0) {
    if (const auto uid = number_from("SUDO_UID")) {
      user.uid = *uid;
      user.gid = number_from("SUDO_GID").value_or(*uid);
    }
  }
  if (const passwd* entry = getpwuid(user.uid)) {
    user.name = entry->pw_name;
    user.home = entry->pw_dir;
  }
  return user;
}

void become(const User& user) {
  drop_capabilities();
  if (geteuid() == 0 && user.uid != 0) {
    check(user.name.empty() ? setgroups(0, nullptr) : initgroups(user.name.c_str(), user.gid),
          "setting groups");
    check(setresgid(user.gid, user.gid, user.gid), "setresgid");
    check(setresuid(user.uid, user.uid, user.uid), "setresuid");
  }
  clear_capability_sets();
  check(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "no_new_privs");
}

void give_to(const User& user, int fd) {
  if (geteuid() == 0 && user.uid != 0) check(fchown(fd, user.uid, user.gid), "fchown");
}

}  // namespace vtlab::lab
