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

std::vector<std::string> ptrace_notes(const NoEbpf& no, const std::string& with_root) {
  const std::string because =
      no.because.empty() ? "" : " because eBPF cannot be used here (" + no.because.front() + ")";
  std::vector<std::string> notes{
      "Observed with ptrace" + because +
      ": task counts are exact, switches cannot be seen, and making tasks takes longer than it "
      "would unobserved."};
  if (no.root_would_help) notes.push_back("For the full view: " + with_root);
  return notes;
}

ChosenObserver choose_observer(const Request& request, const std::string& with_root) {
  NoEbpf no;
  if (request.observer != ObserverChoice::ptrace) {
    auto make = [&] { return std::make_unique<BpfObserver>(request.recording, request.rung); };
    if (auto observer = try_ebpf(make, no)) return {std::move(observer), {}};
    if (request.observer == ObserverChoice::ebpf || request.rung)
      throw Error(ExitCode::machine_cannot, "cannot observe with eBPF", no.because,
                  {no.root_would_help ? with_root : "vtlab doctor"});
  }
  return {std::make_unique<PtraceObserver>(), ptrace_notes(no, with_root)};
}

}  // namespace vtlab::lab
