// watch.h — one program tree of the user's, started or attached to, observed until it ends.
//
// A program that vtlab starts is observed as strace -f does: until its last descendant has ended, not
// only until itself has. vtlab is the subreaper of the tree, so that moment is exact: nothing is left
// to wait for.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "lab/observer.h"
#include "lab/privileges.h"
#include "lab/request.h"
#include "lab/signals.h"
#include "lab/tree_observer.h"
#include "result/observed.h"

namespace vtlab::lab {

struct WatchRequest {
  // Exactly one of the three.
  std::vector<std::string> command;
  std::optional<pid_t> pid;
  std::optional<Cgroup> cgroup;
  std::uint64_t for_ns = 0;  ///< 0: until the tree ends
  ObserverChoice observer = ObserverChoice::automatic;
  std::optional<probes::Rung> rung;
  Recording recording;
};

struct Watcher {
  std::unique_ptr<Observer> observer;
  TreeObserver* ebpf = nullptr;  ///< the same one, if it is that
  std::vector<std::string> notes;
};

/// BPF if it can be had, else ptrace, which can only observe what vtlab starts. `with_root` is the
/// command line that would get the full view. Errors: lab::Error.
Watcher choose_watcher(const WatchRequest& request, const std::string& with_root);

/// The process that a --pid means, which may be a tid; `notes` gets what people should know about it.
/// Errors: lab::Error (usage) if there is none, or none that can be observed.
pid_t process_to_attach(const std::string& word, std::vector<std::string>& notes);

/// Facts of one observation.
struct Watched {
  KernelView kernel;
  std::string partial_because;             ///< empty: the whole tree has ended
  std::optional<result::ExitStatus> exit;  ///< of the command, if it ended
  std::uint64_t wall_ns = 0;
  bool time_was_over = false;
};

/// Called every few milliseconds while observing.
using WatchTick = std::function<void(std::uint64_t elapsed_ns)>;

/// Errors: lab::Error if it could not begin; 127 or 126, as of a shell, if the command cannot be
/// executed. The tree is never killed, but: the command gets SIGTERM when the time of --for is over.
Watched watch(const WatchRequest& request, Watcher& watcher, Signals& signals, const User& user,
              const WatchTick& tick);

}  // namespace vtlab::lab
