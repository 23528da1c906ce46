// observe.cpp — vtlab observe -- CMD, vtlab observe --pid P: the ledger of any program.
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <iostream>
#include <memory>
#include <optional>

#include "commands/arguments.h"
#include "commands/command.h"
#include "commands/live.h"
#include "commands/output.h"
#include "commands/served.h"
#include "commands/show.h"
#include "lab/carriers.h"
#include "lab/error.h"
#include "lab/machine.h"
#include "lab/watch.h"
#include "lab/watch_summary.h"
#include "render/observed.h"

namespace vtlab::commands {
namespace {

using lab::Error;
using lab::ExitCode;

struct Options {
  std::string pid, cgroup, for_time, observer = "auto", rung, show, metrics;
  ZoomOptions zoom;
  OutputOptions output;
  bool dry_run = false, live = false;
};

// Who creates tasks costs so little (docs/attribution.md) that it need not be asked for; what a runtime did
// (docs/runtimes.md) is wanted of whatever has one.
std::string views(const Options& options) {
  if (!options.show.empty()) return options.show;
  if (options.observer == "ptrace") return "ledger";
  const std::string_view needed = needed_view(options.output);
  return "ledger,creators,runtime" + (needed.empty() ? "" : "," + std::string(needed));
}

lab::WatchRequest parse(const Options& options, const Invocation& invocation,
                        std::vector<std::string>& notes) {
  lab::WatchRequest request;
  request.command = invocation.rest;
  if (!options.pid.empty()) request.pid = lab::process_to_attach(options.pid, notes);
  const std::string usage = invocation.program + " observe -- ls -l";
  if (!options.cgroup.empty()) request.cgroup = lab::find_cgroup(options.cgroup);
  const int targets = request.pid.has_value() + request.cgroup.has_value() +
                      static_cast<int>(!request.command.empty());
  if (targets > 1)
    throw Error(ExitCode::usage, "--pid, --cgroup and a program after -- exclude each other");
  if (targets == 0 && !options.dry_run)
    throw Error(ExitCode::usage, "nothing to observe",
                {"a program is named after --, a running one by --pid, many by --cgroup"}, {usage});
  if (!request.command.empty() && request.command.front().empty())
    throw Error(ExitCode::usage, "the name of a program cannot be empty", {}, {usage});
  if (!options.for_time.empty()) request.for_ns = parse_duration_ns("--for", options.for_time, 1);
  request.observer = parse_observer(options.observer);
  request.rung = parse_rung(options.rung);
  const Show show = parse_show(views(options));
  check_observer(show, options.show, request.observer);
  parse_zoom(options.zoom);
  request.recording = show.recording;
  request.recording.syscalls_by_name = show.recording.syscalls;
  if (!options.metrics.empty()) request.recording.totals = true;
  if (request.rung && request.observer == lab::ObserverChoice::ptrace)
    throw Error(ExitCode::usage, "--rung is about eBPF probes, and --observer ptrace uses none");
  return request;
}

int dry_run(const lab::WatchRequest& request, const Invocation& invocation) {
  const lab::Watcher watcher = lab::choose_watcher(request, "sudo " + invocation.line);
  std::cout << "observer: " << watcher.observer->name() << "\n";
  for (const std::string& note : watcher.notes) std::cout << note << "\n";
  if (watcher.ebpf)
    std::cout << "Each rung was attached and taken down again; nothing was run.\n\n"
              << render::rungs_table(watcher.ebpf->plan(), {});
  return 0;
}

// As time(1) and strace(1) end: with what the program ended with.
int exit_code(const lab::Watched& watched) {
  if (watched.time_was_over || !watched.exit) return 0;
  if (watched.exit->signal) return 128 + *watched.exit->signal;
  return watched.exit->code.value_or(0);
}

// Most programs have no runtime that is known, and nobody has asked for it.
void say_no_more_of_runtime(result::Observed& observed) {
  if (observed.details.runtime.value) return;
  observed.details.runtime.missing_because.clear();
  const auto& all = observed.processes;
  if (std::any_of(all.begin(), all.end(), [](const auto& one) { return one.name == "java"; }))
    observed.notes.emplace_back(
        "A java ran in the tree, and vtlab did not look into it: that is done for a java that is "
        "named after -- or by --pid, not for one that something else starts.");
}

// What a scrape gets. Nothing here may take long: events wait meanwhile.
Served::Seen look_for(const lab::WatchRequest& request, lab::TreeObserver& observer,
                      std::uint64_t elapsed_ns, const result::Host& host) {
  lab::Watched so_far;
  so_far.kernel = observer.look_at_counts();
  so_far.wall_ns = elapsed_ns;
  const lab::TaskTree& tree = observer.tree();
  Served::Seen seen{{lab::summarize_counts(request, so_far, &tree, host), {}, {}}, tree.living()};
  if (so_far.kernel.lost_events == 0) seen.facts.alive = tree.alive();
  return seen;
}

int observe(const Options& options, const Invocation& invocation) {
  std::vector<std::string> notes;
  const lab::WatchRequest request = parse(options, invocation, notes);
  if (options.dry_run) return dry_run(request, invocation);

  const lab::User user = lab::invoking_user();
  const result::Host host = lab::read_machine(invocation.version).host;
  lab::Signals signals;  // first: an interrupt must find somebody who cleans up
  // Standard output is the program's, if vtlab starts one.
  Output output(options.output, user, request.command.empty() ? STDOUT_FILENO : STDERR_FILENO);
  output.check_takes_observations();
  lab::Watcher watcher = lab::choose_watcher(request, "sudo " + invocation.line);
  if (options.live && !watcher.ebpf)
    throw Error(ExitCode::machine_cannot, "--live needs eBPF", watcher.notes);
  std::optional<Served> served;
  if (!options.metrics.empty()) {
    if (!watcher.ebpf) throw Error(ExitCode::machine_cannot, "--metrics needs eBPF", watcher.notes);
    served.emplace(options.metrics,
                   "sudo " + invocation.program + " observe --metrics 127.0.0.1:9464 -- make -j2");
    std::cerr << "metrics: " << served->url() << "\n" << std::flush;
  }
  if (request.command.empty())
    lab::raise_file_limit();  // a pidfd for each process; a started program keeps its own
  const lab::TaskTree* tree = watcher.ebpf ? &watcher.ebpf->tree() : nullptr;

  std::optional<Live> live;
  const render::Options screen_look = look_on(STDERR_FILENO, options.output.look);
  if (options.live) live.emplace();
  std::optional<result::Observed> before;
  lab::Carriers carriers;
  bool said = live || !request.command.empty();
  const lab::WatchTick tick = [&](std::uint64_t elapsed_ns) {
    if (!said)
      std::cerr << "vtlab: observing "
                << (request.pid ? "process " + std::to_string(*request.pid)
                                : "control group " + request.cgroup->path)
                << "; Ctrl-C ends that\n";
    said = true;
    if (served) served->answer([&] { return look_for(request, *watcher.ebpf, elapsed_ns, host); });
    if (!live || !live->is_time(elapsed_ns)) return;
    lab::Watched so_far;
    so_far.kernel = watcher.ebpf->look();
    so_far.wall_ns = elapsed_ns;
    auto now = lab::summarize(request, so_far, tree, host);
    const std::size_t lines = live->lines() - 1;
    live->draw(render::observed_screen(
                   now, before ? &*before : nullptr,
                   carriers.look(tree->living(), elapsed_ns, std::min<std::size_t>(8, lines / 4)),
                   screen_look, lines),
               elapsed_ns);
    before = std::move(now);
  };
  const lab::Watched watched = lab::watch(request, watcher, signals, user, tick);
  live.reset();
  served.reset();

  result::Observed observed = lab::summarize(request, watched, tree, host);
  observed.notes = std::move(notes);
  observed.host.command = invocation.line;
  if (watcher.ebpf && watcher.ebpf->never_paused())
    observed.notes.emplace_back(
        "The program never paused while vtlab attached: threads, processes, the most alive and the "
        "tree may differ from the counts by what happened in that moment.");
  observed.notes.insert(observed.notes.end(), watcher.notes.begin(), watcher.notes.end());
  explain_missing(request.recording, observed.observer, observed.details);
  if (options.show.empty()) say_no_more_of_runtime(observed);
  render::Parts parts = parse_show(views(options)).parts;
  parts.zoom = parse_zoom(options.zoom);
  output.write(observed, parts);
  return exit_code(watched);
}

Action add(CLI::App& app, const Invocation& invocation) {
  auto o = std::make_shared<Options>();
  app.footer("Usage:  " + invocation.program + " observe [OPTIONS] -- CMD [ARGS...]\n        " +
             invocation.program + " observe [OPTIONS] --pid P\n        " + invocation.program +
             " observe [OPTIONS] --cgroup GROUP");
  app.add_option("--pid", o->pid, "attach to this running process and its tree")->type_name("P");
  app.add_option("--cgroup", o->cgroup, "a control group: its path, a unit, a container id")
      ->type_name("GROUP");
  app.add_option("--for", o->for_time, "at most so long: 10s, 500ms")->type_name("TIME");
  app.add_flag("--live", o->live, "redraw the ledger twice a second, on a terminal");
  app.add_option("--metrics", o->metrics, "serve metrics for Prometheus: 9464, 127.0.0.1:9464")
      ->type_name("ADDR");
  app.add_flag("--dry-run", o->dry_run, "say which rung would answer what; run nothing");
  app.add_option("--observer", o->observer, "auto, ebpf or ptrace")
      ->type_name("NAME")
      ->capture_default_str();
  app.add_option("--rung", o->rung, "fentry, fexit, kprobe, tp_btf, tracepoint")->type_name("RUNG");
  app.add_option("--show", o->show, show_help())->type_name("VIEWS");
  add_zoom_options(app, o->zoom);
  add_output_options(app, o->output);
  return [o, invocation] { return observe(*o, invocation); };
}

}  // namespace

const Command command_observe{"observe", "the ledger of any program, started or running", add,
                              true};

}  // namespace vtlab::commands
