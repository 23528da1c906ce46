// capabilities.cpp — may this process use BPF for tracing at all?
#include <linux/capability.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "probes/session.h"

namespace vtlab::probes {
namespace {

bool has(const __user_cap_data_struct (&data)[2], unsigned capability) {
  return (data[capability / 32].effective >> (capability % 32)) & 1;
}

}  // namespace

// capabilities(7): since Linux 5.8 tracing programs need CAP_BPF and CAP_PERFMON; CAP_SYS_ADMIN
// includes both.
std::optional<std::string> why_not_bpf() {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct data[2] = {};
  if (syscall(SYS_capget, &header, data) != 0) return std::nullopt;
  if (has(data, CAP_SYS_ADMIN) || (has(data, CAP_BPF) && has(data, CAP_PERFMON)))
    return std::nullopt;
  return "needs CAP_BPF and CAP_PERFMON (root has them)";
}

}  // namespace vtlab::probes
