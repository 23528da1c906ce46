#include "bpf_object.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <stdexcept>

#include "call_rows.h"

namespace vtlab::probes {
namespace {

// libbpf's advice is for its own users and partly misleading here (a hint about ulimit under every
// EPERM); what people see are our trials.
void silence_libbpf() {
  static const bool once = [] {
    libbpf_set_print(nullptr);
    return true;
  }();
  static_cast<void>(once);
}

std::string reason(std::string_view step, int error) {
  return std::string(step) + " refused: " + std::strerror(error);
}

Skeleton open_object() {
  silence_libbpf();
  Skeleton skeleton(vtlab_bpf__open());
  if (!skeleton) throw std::runtime_error(reason("opening the BPF object", errno));
  return skeleton;
}

std::uint32_t pid_max() {
  std::uint32_t value = 0;
  std::ifstream("/proc/sys/kernel/pid_max") >> value;
  return value ? value : 4u << 20;
}

std::uint32_t ring_size(std::uint32_t wanted) {
  std::uint32_t size = static_cast<std::uint32_t>(getpagesize());
  while (size < wanted) size *= 2;
  return size;
}

// Until Linux 7.0 every tracepoint of the scheduler was passed with preemption off (a46023d5616e,
// "tracing: Guard __DECLARE_TRACE() use of __DO_TRACE_CALL() with SRCU-fast"), and nothing skipped a
// typed program there.
bool tracepoints_hold_the_cpu() {
  utsname kernel{};
  uname(&kernel);
  return std::atoi(kernel.release) < 7;
}

// Best first. Of rungs that mean the same, those come first that the kernel never skips: kprobes and
// classic tracepoints, and typed tracepoints on hooks that are passed with preemption off, which cost
// half as much. Those are the hooks of wake_new and switches, and before Linux 7.0 those of
// kernel_clone and exits. Others are skipped now and then on preemptible kernels
// (docs/decisions/0005-ledger-at-wake-up.md, 0026-rungs-that-are-not-skipped.md). copy_process is
// asked by typed programs first all the same: only they see the mm_structs themselves.
std::vector<Rung> best_first(Counter counter) {
  const bool typed_first = tracepoints_hold_the_cpu();
  const Rung hook = typed_first ? Rung::tp_btf : Rung::tracepoint;
  const Rung twin = typed_first ? Rung::tracepoint : Rung::tp_btf;
  switch (counter) {
    case Counter::kernel_clone:
      return {Rung::kprobe, Rung::fentry, hook, twin};
    case Counter::wake_new:
      return {Rung::tp_btf, Rung::tracepoint, Rung::kprobe, Rung::fentry};
    case Counter::exits:
      return {hook, twin};
    case Counter::sys_enter:
    case Counter::sys_exit:
    case Counter::calls:
    case Counter::returns:
      return {Rung::tracepoint, Rung::tp_btf};
    default:
      return {std::begin(kRungs), std::end(kRungs)};
  }
}

std::ptrdiff_t preference(const Program& program) {
  const std::vector<Rung> order = best_first(program.counter);
  return std::find(order.begin(), order.end(), program.rung) - order.begin();
}

}  // namespace

const std::vector<Program>& programs() {
  static const std::vector<Program> all = [] {
    std::vector<Program> found;
    Skeleton skeleton = open_object();
    bpf_program* program = nullptr;
    bpf_object__for_each_program(program, skeleton->obj) {
      const std::string_view id = bpf_program__name(program);
      const std::string_view section = bpf_program__section_name(program);
      if (section.find("uprobe") != section.npos) continue;  // of no counter: functions.h
      const auto split = id.rfind("__");
      const auto rung = parse_rung(id.substr(split + 2));
      const auto counter = std::find_if(std::begin(kCounters), std::end(kCounters),
                                        [&](const auto& c) { return c.id == id.substr(0, split); });
      if (!rung || counter == std::end(kCounters))
        throw std::logic_error("BPF program " + std::string(id) + " is not named counter__rung");
      found.push_back({std::string(id), counter->counter, *rung,
                       std::string(section.substr(section.rfind('/') + 1))});
    }
    std::sort(found.begin(), found.end(), [](const auto& a, const auto& b) {
      return std::pair(a.counter, preference(a)) < std::pair(b.counter, preference(b));
    });
    return found;
  }();
  return all;
}

// Of one CPU, in switches: the largest power of two of which all CPUs together need no more room.
std::uint32_t ring_length(const SessionOptions& options, std::uint32_t cpus) {
  const std::uint64_t wanted = options.switch_ring_bytes / (cpus * sizeof(Switch));
  std::uint32_t length = static_cast<std::uint32_t>(getpagesize()) / sizeof(Switch);
  while (2 * std::uint64_t{length} <= wanted) length *= 2;
  return length;
}

namespace {

// What the kernel's own reason leaves open. Without BTF libbpf says "No such process"; and bpf(2) can
// be forbidden to a process that has all capabilities.
std::string why_no_maps(int error) {
  if (access("/sys/kernel/btf/vmlinux", R_OK) != 0)
    return std::string("this kernel shows no BTF: /sys/kernel/btf/vmlinux: ") +
           std::strerror(errno);
  std::string why = reason("creating the BPF maps", error);
  if (error == EPERM && !why_not_bpf())
    why +=
        " although this process has the capabilities; a seccomp filter (of a container) or the "
        "kernel's lockdown forbids it";
  return why;
}

}  // namespace

Skeleton create_maps(const SessionOptions& options) {
  Skeleton skeleton = open_object();
  bpf_map__set_max_entries(skeleton->maps.targets, pid_max() + 1);
  bpf_map__set_max_entries(skeleton->maps.slots, pid_max() + 1);
  bpf_map__set_max_entries(skeleton->maps.events, ring_size(options.ring_bytes));
  if (!options.record_creations) {
    if (!options.keep_totals) bpf_map__set_max_entries(skeleton->maps.attempts, 1);
    bpf_map__set_max_entries(skeleton->maps.births, 1);
  }
  if (!options.keep_totals) bpf_map__set_max_entries(skeleton->maps.attempt_counts, 1);
  if (options.record_scheduling) {
    const auto cpus = static_cast<std::uint32_t>(libbpf_num_possible_cpus());
    skeleton->rodata->ring_length = ring_length(options, cpus);
    bpf_map__set_max_entries(skeleton->maps.tasks, pid_max() + 1);
    bpf_map__set_max_entries(skeleton->maps.rings, cpus);
    bpf_map__set_max_entries(skeleton->maps.ring_switches, cpus * skeleton->rodata->ring_length);
  }
  bpf_map__set_max_entries(skeleton->maps.call_rows,
                           options.record_calls ? room_for_call_rows() : 1);
  if (!options.record_calls) {
    bpf_map__set_max_entries(skeleton->maps.callers, 1);
    bpf_map__set_max_entries(skeleton->maps.makers, 1);
  }
  if (!options.record_functions)
    bpf_map__set_max_entries(skeleton->maps.function_calls, ring_size(1));
  if (!options.record_stacks) {
    bpf_map__set_max_entries(skeleton->maps.stacks, ring_size(1));
    bpf_map__set_max_entries(skeleton->maps.steps, 1);
  }
  if (const int error = vtlab_bpf__load(skeleton.get()))
    throw std::runtime_error(why_no_maps(-error));
  if (options.cgroup_fd >= 0) {
    const std::uint32_t first = 0;
    if (bpf_map_update_elem(bpf_map__fd(skeleton->maps.scope), &first, &options.cgroup_fd,
                            BPF_ANY) != 0)
      throw std::runtime_error(reason("following the control group", errno));
  }
  return skeleton;
}

std::string Refusal::why() const {
  return reason(step, error);
}

std::optional<Refusal> load_copy(const std::string& program, const vtlab_bpf& maps,
                                 const SessionOptions& options,
                                 const std::function<void(vtlab_bpf&)>& prepare, Skeleton& copy,
                                 bpf_program*& loaded) {
  copy = open_object();
  bpf_object* object = copy->obj;
  bpf_map* map = nullptr;
  bpf_object__for_each_map(map, object) {
    const bpf_map* shared = bpf_object__find_map_by_name(maps.obj, bpf_map__name(map));
    if (bpf_map__is_internal(map) || !shared) continue;
    if (const int error = bpf_map__reuse_fd(map, bpf_map__fd(shared)))
      return Refusal{"sharing map " + std::string(bpf_map__name(map)), -error};
  }
  copy->rodata->ring_length = maps.rodata->ring_length;
  copy->rodata->record_creations = options.record_creations;
  copy->rodata->follow_cgroup = options.cgroup_fd >= 0;
  copy->rodata->observer_tgid = static_cast<std::uint32_t>(getpid());
  copy->rodata->record_calls = options.record_calls;
  copy->rodata->calls_by_name = options.calls_by_name;
  copy->rodata->record_stacks = options.record_stacks;
  copy->rodata->keep_totals = options.keep_totals;
  prepare(*copy);
  loaded = bpf_object__find_program_by_name(object, program.c_str());
  bpf_program__set_autoload(loaded, true);
  if (const int error = bpf_object__load(object)) return Refusal{"load", -error};
  return std::nullopt;
}

AttachedProgram attach(const Program& program, const vtlab_bpf& maps,
                       const SessionOptions& options) {
  AttachedProgram result{{program.counter, program.rung, program.hook, Outcome::no, {}}, {}, {}};
  const auto refused = [&](const Refusal& refusal) {
    result.trial.because = refusal.why();
    // Without the capability the kernel says the same as with a kernel that cannot: so nothing was
    // learned.
    if ((refusal.error == EPERM || refusal.error == EACCES) && why_not_bpf())
      result.trial.outcome = Outcome::could_not_tell;
    return AttachedProgram{std::move(result.trial), {}, {}};
  };

  bpf_program* self = nullptr;
  if (const auto refusal = load_copy(
          program.name, maps, options, [](vtlab_bpf&) {}, result.skeleton, self))
    return refused(*refusal);
  result.link.reset(bpf_program__attach(self));
  if (!result.link) {
    const int error = errno;
    const bool no_tracefs = program.rung == Rung::tracepoint && error == ENOENT &&
                            access("/sys/kernel/tracing/events", F_OK) != 0;
    AttachedProgram no = refused({"attach", error});
    if (no_tracefs) {
      no.trial.outcome = Outcome::could_not_tell;
      no.trial.because = "tracefs is not mounted";
    }
    return no;
  }
  result.trial.outcome = Outcome::yes;
  return result;
}

std::optional<std::uint64_t> recursion_misses(const AttachedProgram& program) {
  const std::string name = std::string(text(program.trial.counter).id) + "__" +
                           std::string(vtlab::probes::name(program.trial.rung));
  return recursion_misses(*bpf_object__find_program_by_name(program.skeleton->obj, name.c_str()));
}

std::optional<std::uint64_t> recursion_misses(const bpf_program& program) {
  bpf_prog_info info{};
  __u32 length = sizeof(info);
  constexpr auto kNeeded =
      offsetof(bpf_prog_info, recursion_misses) + sizeof(info.recursion_misses);
  if (bpf_obj_get_info_by_fd(bpf_program__fd(&program), &info, &length) != 0 || length < kNeeded)
    return std::nullopt;
  return info.recursion_misses;
}

}  // namespace vtlab::probes
