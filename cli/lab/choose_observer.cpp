#include "lab/choose_observer.h"

#include <sys/stat.h>

#include "lab/bpf_observer.h"
#include "lab/error.h"
#include "lab/ptrace_observer.h"

namespace vtlab::lab {

std::optional<std::string> why_not_from_here() {
  constexpr ino_t kInitialPidNamespace = 0xEFFFFFFC;  // PROC_PID_INIT_INO, include/linux/proc_ns.h
  struct stat info {};
  if (stat("/proc/self/ns/pid", &info) != 0 || info.st_ino == kInitialPidNamespace)
    return std::nullopt;
  return "this is a pid namespace (a container), where tids are not the kernel's own";
}

ChosenObserver choose_observer(const Request& request, const std::string& with_root) {
  std::string because;
  if (request.observer != ObserverChoice::ptrace) {
    const auto no_capability = probes::why_not_bpf();
    const auto not_here = why_not_from_here();
    if (no_capability) {
      because = *no_capability;
    } else if (not_here) {
      because = *not_here;
    } else {
      try {
        return {std::make_unique<BpfObserver>(probes::SessionOptions{.only = request.rung}), {}};
      } catch (const std::runtime_error& error) {
        because = error.what();
      }
    }
    if (request.observer == ObserverChoice::ebpf || request.rung)
      throw Error(ExitCode::machine_cannot, "cannot observe with eBPF", {because},
                  no_capability ? std::vector<std::string>{with_root}
                                : std::vector<std::string>{"vtlab doctor"});
  }
  ChosenObserver chosen{std::make_unique<PtraceObserver>(), {}};
  chosen.notes.push_back(
      "Observed with ptrace" + (because.empty() ? std::string() : " because eBPF " + because) +
      ": task counts are exact, switches cannot be seen, and making tasks takes longer than it "
      "would unobserved.");
  if (because.rfind("needs", 0) == 0) chosen.notes.push_back("For every column: " + with_root);
  return chosen;
}

}  // namespace vtlab::lab
