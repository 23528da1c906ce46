// call_names.cpp — names and shapes of system calls; the only user of libseccomp.
#include "call_names.h"

#include <linux/types.h>
#include <seccomp.h>

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <string_view>

#include "../bpf/calls_wire.h"
#include "probes/calls.h"

namespace vtlab::probes {
namespace {

// Those whose first argument is the file that they can wait for.
constexpr std::string_view kOnFd[] = {"accept",  "accept4",         "close",
                                      "connect", "copy_file_range", "fallocate",
                                      "fcntl",   "fdatasync",       "flock",
                                      "fsync",   "ftruncate",       "getdents64",
                                      "ioctl",   "io_uring_enter",  "pread64",
                                      "preadv",  "preadv2",         "pwrite64",
                                      "pwritev", "pwritev2",        "read",
                                      "readv",   "recvfrom",        "recvmmsg",
                                      "recvmsg", "sendfile",        "sendmmsg",
                                      "sendmsg", "sendto",          "shutdown",
                                      "splice",  "syncfs",          "sync_file_range",
                                      "tee",     "vmsplice",        "write",
                                      "writev"};

struct Shaped {
  std::string_view name;
  vt_shape shape;
};
constexpr Shaped kShaped[] = {{"futex", VT_SHAPE_FUTEX},
                              {"nanosleep", VT_SHAPE_SLEEP},
                              {"clock_nanosleep", VT_SHAPE_CLOCK_SLEEP},
                              {"epoll_wait", VT_SHAPE_EPOLL},
                              {"epoll_pwait", VT_SHAPE_EPOLL},
                              {"epoll_pwait2", VT_SHAPE_EPOLL2},
                              {"poll", VT_SHAPE_POLL},
                              {"ppoll", VT_SHAPE_PPOLL},
                              {"select", VT_SHAPE_SELECT},
                              {"pselect6", VT_SHAPE_SELECT},
                              {"wait4", VT_SHAPE_WAIT_PID},
                              {"waitid", VT_SHAPE_WAIT_ID},
                              {"rt_sigreturn", VT_SHAPE_SIGRETURN}};

std::uint32_t architecture(bool is_32_bit) {
  const std::uint32_t native = seccomp_arch_native();
  if (!is_32_bit) return native;
  return native == SCMP_ARCH_AARCH64 ? SCMP_ARCH_ARM : SCMP_ARCH_X86;
}

// Empty: not known.
std::string known_name(std::uint32_t number, bool is_32_bit) {
  struct Free {
    void operator()(char* text) const { std::free(text); }
  };
  const std::unique_ptr<char, Free> name(
      seccomp_syscall_resolve_num_arch(architecture(is_32_bit), static_cast<int>(number)));
  return name ? name.get() : "";
}

}  // namespace

std::string call_name(std::uint32_t number, bool is_32_bit) {
  const std::string name = known_name(number, is_32_bit);
  return name.empty() ? "call " + std::to_string(number) : name;
}

std::uint32_t call_shape(std::uint32_t number) {
  const std::string name = known_name(number, false);
  for (const Shaped& shaped : kShaped) {
    if (shaped.name == name) return shaped.shape;
  }
  const bool on_fd = std::find(std::begin(kOnFd), std::end(kOnFd), name) != std::end(kOnFd);
  return on_fd ? VT_SHAPE_FD : VT_SHAPE_NONE;
}

}  // namespace vtlab::probes
