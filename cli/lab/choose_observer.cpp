#include "lab/choose_observer.h"

#include <sys/stat.h>

#include "lab/bpf_observer.h"
#include "lab/error.h"
#include "lab/ptrace_observer.h"

namespace vtlab::lab {

namespace {

// The namespaces that the kernel began with: include/linux/proc_ns.h, PROC_PID_INIT_INO, PROC_USER_INIT_INO.
constexpr ino_t kInitialPidNamespace = 0xEFFFFFFC, kInitialUserNamespace = 0xEFFFFFFD;

bool is_another(const char* namespace_file, ino_t than) {
  struct stat info {};
  return stat(namespace_file, &info) == 0 && info.st_ino != than;
}

}  // namespace

std::optional<std::string> why_not_from_here() {
  if (is_another("/proc/self/ns/pid", kInitialPidNamespace))
    return "this is a pid namespace (a container), where tids are not the kernel's own";
  if (is_another("/proc/self/ns/user", kInitialUserNamespace))
    return "this is a user namespace (a container), where root has no rights over the kernel";
  return std::nullopt;
}

namespace {

struct Attempt {
  std::unique_ptr<Observer> observer;  // null: why_not says why
  std::vector<std::string> why_not;
  bool root_would_help = false;
};

Attempt try_bpf(const Request& request) {
  if (const auto no_capability = probes::why_not_bpf()) return {nullptr, {*no_capability}, true};
  if (const auto not_here = why_not_from_here()) return {nullptr, {*not_here}};
  try {
    auto observer = std::make_unique<BpfObserver>(request.recording, request.rung);
    if (auto reasons = observer->why_not_counting(); !reasons.empty())
      return {nullptr, std::move(reasons)};
    return {std::move(observer), {}};
  } catch (const std::runtime_error& error) {
    return {nullptr, {error.what()}};
  }
}

}  // namespace

ChosenObserver choose_observer(const Request& request, const std::string& with_root) {
  ChosenObserver chosen;
  std::string because;
  if (request.observer != ObserverChoice::ptrace) {
    Attempt bpf = try_bpf(request);
    if (bpf.observer) return {std::move(bpf.observer), {}};
    if (request.observer == ObserverChoice::ebpf || request.rung)
      throw Error(ExitCode::machine_cannot, "cannot observe with eBPF", bpf.why_not,
                  {bpf.root_would_help ? with_root : "vtlab doctor"});
    because = " because eBPF cannot be used here (" + bpf.why_not.front() + ")";
    if (bpf.root_would_help) chosen.notes.push_back("For every column: " + with_root);
  }
  chosen.observer = std::make_unique<PtraceObserver>();
  chosen.notes.insert(chosen.notes.begin(),
                      "Observed with ptrace" + because +
                          ": task counts are exact, switches cannot be seen, and making tasks "
                          "takes longer than it would unobserved.");
  return chosen;
}

}  // namespace vtlab::lab
