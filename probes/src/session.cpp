#include "probes/session.h"

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <linux/types.h>

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <stdexcept>

#include "../bpf/wire.h"
#include "bpf_object.h"
#include "call_rows.h"
#include "per_cpu.h"

namespace vtlab::probes {

static_assert(sizeof(vt_event) == 40 && sizeof(vt_slot) == 8, "wire.h is what BPF wrote");
static_assert(sizeof(vt_creation) == 152 && kShareableCount == VT_SHAREABLES);
static_assert(offsetof(vt_event, by_tid) + sizeof(Event::comm) == sizeof(vt_event));
static_assert(kRegisters == VT_REGISTERS && kMostWordsOfStep == VT_STEP_WORDS &&
              kMostSteps < VT_DEEPEST);
static_assert(kCounterCount == VT_COUNTERS);

namespace {

Event from_wire(const vt_event& wire) {
  Event event{wire.time_ns, static_cast<EventKind>(wire.kind), wire.cpu, wire.tid, wire.tgid};
  if (event.kind == EventKind::exited) {  // the name stands where the others have these numbers
    std::memcpy(event.comm.data(),
                reinterpret_cast<const char*>(&wire) + offsetof(vt_event, by_tid),
                event.comm.size());
    return event;
  }
  event.by_tid = wire.by_tid;
  event.action = wire.action;
  event.unit = wire.unit;
  event.stack_pages = wire.stack_pages;
  return event;
}

Creation from_wire(const vt_creation& wire) {
  Creation c;
  c.call = static_cast<Call>(wire.call);
  if (wire.known & VT_FLAGS_KNOWN) c.flags = wire.flags;
  c.exit_signal = wire.exit_signal;
  c.error = wire.error;
  c.tid = wire.head.tid;
  c.tgid = wire.head.tgid;
  c.by_tid = wire.head.by_tid;
  c.action = wire.head.action;
  c.unit = wire.head.unit;
  c.asked_ns = wire.asked_ns;
  c.entered_ns = wire.entered_ns;
  c.copied_ns = wire.copied_ns;
  c.forked_ns = wire.forked_ns;
  c.woken_ns = wire.woken_ns;
  c.ran_ns = wire.ran_ns;
  for (std::size_t i = 0; i < kShareableCount; ++i)
    c.sharing[i] = static_cast<Share>((wire.sharing >> (2 * i)) & 3);
  if (wire.known & VT_TASK_KNOWN)
    c.task = NewTask{wire.task_flags,
                     wire.parent_tgid,
                     wire.stack,
                     wire.stack_pages,
                     wire.policy,
                     static_cast<std::int32_t>(wire.prio),
                     static_cast<std::int32_t>(wire.static_prio) - 120,
                     wire.cpus_allowed};
  return c;
}

vt_image to_wire(const Image& image) {
  return {image.start_code, image.start_stack, image.execs, 0};
}

Stack from_wire(const vt_stack& wire) {
  Stack stack;
  stack.time_ns = wire.head.time_ns;
  stack.tid = wire.head.tid;
  stack.tgid = wire.head.tgid;
  stack.by_tid = wire.head.by_tid;
  stack.by_tgid = wire.by_tgid;
  stack.image = {wire.image.start_code, wire.image.start_stack, wire.image.execs};
  if (wire.known)
    std::copy(std::begin(wire.registers), std::end(wire.registers),
              stack.registers.emplace().begin());
  const auto* frames = reinterpret_cast<const std::uint64_t*>(wire.frame);
  stack.frames = {frames, std::min<std::size_t>(wire.frames, VT_MAX_FRAMES)};
  const auto* bytes = reinterpret_cast<const std::byte*>(wire.bytes);
  stack.bytes = {bytes, std::min<std::size_t>(wire.copied, VT_STACK_BYTES)};
  return stack;
}

}  // namespace

struct Session::Impl {
  SessionOptions options;
  Skeleton maps;
  std::vector<AttachedProgram> programs;
  std::vector<Attached> questions;
  std::unique_ptr<ring_buffer, RingDeleter> ring;
  const std::function<void(const Event&)>* sink = nullptr;
  const std::function<void(const Creation&)>* creations = nullptr;
  std::unique_ptr<ring_buffer, RingDeleter> stacks;  // empty unless they are recorded
  const std::function<void(const Stack&)>* stack_sink = nullptr;
  std::vector<std::uint64_t> places;  // the last step of each path that was learned

  static int on_event(void* self, void* data, std::size_t size) {
    const auto& impl = *static_cast<Impl*>(self);
    if (size < sizeof(vt_event)) return 0;
    const auto& event = *static_cast<const vt_event*>(data);
    if (event.kind != VT_EVENT_CREATION)
      (*impl.sink)(from_wire(event));
    else if (impl.creations && size >= sizeof(vt_creation))
      (*impl.creations)(from_wire(*static_cast<const vt_creation*>(data)));
    return 0;
  }

  static int on_stack(void* self, void* data, std::size_t size) {
    const auto& impl = *static_cast<Impl*>(self);
    if (size >= sizeof(vt_stack))
      (*impl.stack_sink)(from_wire(*static_cast<const vt_stack*>(data)));
    return 0;
  }

  void climb(Counter counter) {
    Attached question{counter, {}, {}, {}, {}};
    const auto asked_for = [&](const Program& program) {
      return program.rung == options.only ||
             (options.only == Rung::fentry && program.rung == Rung::fexit);
    };
    const auto is_candidate = [&](const Program& program) { return program.counter == counter; };
    const auto& all = vtlab::probes::programs();
    // A question that has no program on the forced rung is asked as usual: without exits and
    // switches no process would ever leave the tree.
    const bool forced = std::any_of(all.begin(), all.end(), [&](const Program& program) {
      return is_candidate(program) && asked_for(program);
    });
    for (const Program& program : all) {
      if (!is_candidate(program) || (forced && !asked_for(program))) continue;
      AttachedProgram attempt = attach(program, *maps, options);
      if (attempt.trial.outcome == Outcome::yes) {
        question.rung = program.rung;
        question.hook = program.hook;
        programs.push_back(std::move(attempt));
        break;
      }
      question.refused.push_back(std::move(attempt.trial));
    }
    questions.push_back(std::move(question));
  }
};

Session::Session(const SessionOptions& options) : impl_(std::make_unique<Impl>()) {
  impl_->options = options;
  impl_->maps = create_maps(options);
  impl_->ring.reset(ring_buffer__new(bpf_map__fd(impl_->maps->maps.events), &Impl::on_event,
                                     impl_.get(), nullptr));
  if (!impl_->ring) throw std::runtime_error("cannot map the event ring");
  if (options.record_calls) write_call_shapes(*impl_->maps);
  if (options.record_stacks) {
    impl_->stacks.reset(ring_buffer__new(bpf_map__fd(impl_->maps->maps.stacks), &Impl::on_stack,
                                         impl_.get(), nullptr));
    if (!impl_->stacks) throw std::runtime_error("cannot map the ring of stacks");
  }
  for (const CounterText& counter : kCounters) {
    if (only_for_creations(counter.counter) && !options.record_creations && !options.keep_totals)
      continue;
    if (only_for_totals(counter.counter) && !options.keep_totals) continue;
    if (only_for_scheduling(counter.counter) && !options.record_scheduling) continue;
    if (only_for_calls(counter.counter) && !options.record_calls) continue;
    impl_->climb(counter.counter);
  }
}

Session::~Session() = default;

const vtlab_bpf& Session::maps() const {
  return *impl_->maps;
}

const SessionOptions& Session::options() const {
  return impl_->options;
}

void Session::follow(std::uint32_t tgid, std::uint64_t tasks) {
  const vt_process process{VT_IN_TREE + tasks};
  if (bpf_map_update_elem(bpf_map__fd(impl_->maps->maps.targets), &tgid, &process, BPF_ANY) != 0)
    throw std::runtime_error(std::string("cannot add a process to the observed tree: ") +
                             std::strerror(errno));
}

void Session::forget(std::uint32_t tgid, std::span<const std::uint32_t> tids) {
  constexpr vt_process kNotInTree{};
  bpf_map_update_elem(bpf_map__fd(impl_->maps->maps.targets), &tgid, &kNotInTree, BPF_EXIST);
  if (!impl_->options.record_scheduling) return;
  constexpr vt_task kNobody{};
  for (const std::uint32_t tid : tids)
    bpf_map_update_elem(bpf_map__fd(impl_->maps->maps.tasks), &tid, &kNobody, BPF_EXIST);
}

std::size_t Session::following() const {
  const auto& targets = impl_->maps->maps.targets;
  std::uint32_t count = bpf_map__max_entries(targets), last = 0;
  std::vector<std::uint32_t> tgids(count);
  std::vector<vt_process> processes(count);
  if (bpf_map_lookup_batch(bpf_map__fd(targets), nullptr, &last, tgids.data(), processes.data(),
                           &count, nullptr) != 0 &&
      errno != ENOENT)  // which says that these were the last
    throw std::runtime_error(std::string("cannot read a BPF map: ") + std::strerror(errno));
  return static_cast<std::size_t>(
      std::count_if(processes.begin(), processes.begin() + count,
                    [](const vt_process& process) { return process.alive != 0; }));
}

int Session::slots_fd() const {
  return bpf_map__fd(impl_->maps->maps.slots);
}

std::uint32_t Session::slots() const {
  return bpf_map__max_entries(impl_->maps->maps.slots);
}

SwitchRings Session::switch_rings() const {
  const auto& maps = impl_->maps->maps;
  return {bpf_map__fd(maps.rings), bpf_map__fd(maps.ring_switches),
          bpf_map__max_entries(maps.rings), impl_->maps->rodata->ring_length};
}

std::optional<std::string> Session::why_no_scheduling() const {
  for (const Attached& question : impl_->questions) {
    if (question.counter != Counter::switches && question.counter != Counter::wakeups) continue;
    if (question.rung == Rung::tp_btf) continue;
    std::string why = "switches and wake-ups are recorded by tp_btf alone";
    if (question.rung) return why + ", and another rung was forced";
    for (const Trial& trial : question.refused) why += "; " + trial.hook + ": " + trial.because;
    return why;
  }
  return std::nullopt;
}

Snapshot Session::read() const {
  const auto& maps = impl_->maps->maps;
  Snapshot snapshot;
  for (const Attached& question : impl_->questions) {
    const auto index = static_cast<std::uint32_t>(question.counter);
    if (question.rung) snapshot.counts[index] = sum(bpf_map__fd(maps.counts), index);
  }
  snapshot.ledger.resize(VT_MAX_ACTIONS);
  for (std::uint32_t action = 0; action < VT_MAX_ACTIONS; ++action) {
    sum_cpus<vt_ledger>(bpf_map__fd(maps.ledger), action, [&](const vt_ledger& row) {
      snapshot.ledger[action].kernel_tasks += row.kernel_tasks;
      snapshot.ledger[action].sharing_mm += row.sharing_mm;
    });
  }
  snapshot.lost_processes = sum(bpf_map__fd(maps.lost), 0);
  for (std::uint32_t kind = 1; kind < VT_EVENT_ATTEMPT; ++kind)
    (kind == VT_EVENT_CREATION ? snapshot.lost_creations
     : kind == VT_EVENT_STACK  ? snapshot.lost_stacks
                               : snapshot.lost_events) += sum(bpf_map__fd(maps.lost), kind);
  return snapshot;
}

void Session::drain(const std::function<void(const Event&)>& sink) {
  impl_->sink = &sink;
  ring_buffer__consume(impl_->ring.get());
  impl_->sink = nullptr;
}

void Session::drain(const std::function<void(const Event&)>& sink,
                    const std::function<void(const Creation&)>& creations) {
  impl_->creations = &creations;
  drain(sink);
  impl_->creations = nullptr;
}

void Session::take_unfinished(const std::function<void(const Creation&)>& creations) {
  const int births = bpf_map__fd(impl_->maps->maps.births);
  std::vector<std::uint32_t> tids;
  std::uint32_t tid = 0;
  for (const std::uint32_t* last = nullptr; bpf_map_get_next_key(births, last, &tid) == 0;) {
    tids.push_back(tid);
    last = &tids.back();
  }
  for (const std::uint32_t each : tids) {
    vt_creation birth{};
    // Whatever ran meanwhile took itself out of the map and has been sent.
    if (bpf_map_lookup_elem(births, &each, &birth) != 0) continue;
    if (bpf_map_delete_elem(births, &each) == 0) creations(from_wire(birth));
  }
}

void Session::forget_calls() {
  clear_calls(*impl_->maps);
}

Calls Session::calls() const {
  return read_calls(*impl_->maps);
}

void Session::drain_stacks(const std::function<void(const Stack&)>& sink) {
  if (!impl_->stacks) return;
  impl_->stack_sink = &sink;
  ring_buffer__consume(impl_->stacks.get());
  impl_->stack_sink = nullptr;
}

int Session::stacks_fd() const {
  return impl_->stacks ? ring_buffer__epoll_fd(impl_->stacks.get()) : -1;
}

void Session::map_was_read(const Image& image) {
  const vt_image wire = to_wire(image);
  const std::uint64_t key = vt_map_was_read(&wire);
  const vt_step mark{};
  // If there is no room, the reader is woken more often than it need be.
  bpf_map_update_elem(bpf_map__fd(impl_->maps->maps.steps), &key, &mark, BPF_NOEXIST);
}

std::optional<std::size_t> Session::learn(const Path& path) {
  if (path.steps.size() > kMostSteps) return std::nullopt;
  const int map = bpf_map__fd(impl_->maps->maps.steps);
  const vt_image image = to_wire(path.image);
  std::vector<std::pair<std::uint64_t, vt_step>> steps;
  std::uint64_t at = vt_first(&image, path.ip);
  for (const auto& words : path.steps) {
    vt_step step{};
    if (words.empty() || words.size() > kMostWordsOfStep) return std::nullopt;
    const std::uint64_t here = at;
    for (const PathWord& word : words) {
      step.word[step.words++] = {word.offset, static_cast<__u16>(word.source), word.relative};
      at = vt_next(at, word.value);
    }
    steps.emplace_back(here, step);
  }
  steps.emplace_back(at, vt_step{.last = 1});
  // The last one first: a walk in the kernel that meets half a path finds nothing and sends the stack.
  for (auto step = steps.rbegin(); step != steps.rend(); ++step) {
    const auto& [key, value] = *step;
    if (bpf_map_update_elem(map, &key, &value, BPF_NOEXIST) == 0) continue;
    vt_step there{};
    if (errno != EEXIST || bpf_map_lookup_elem(map, &key, &there) != 0) return std::nullopt;
    if (value.last && there.last) break;  // known, and all that leads there
    if (there.last != value.last || there.words != value.words ||
        std::memcmp(there.word, value.word, sizeof(there.word)) != 0)
      return std::nullopt;
  }
  const auto known = std::find(impl_->places.begin(), impl_->places.end(), at);
  if (known != impl_->places.end()) return static_cast<std::size_t>(known - impl_->places.begin());
  impl_->places.push_back(at);
  return impl_->places.size() - 1;
}

PathCount Session::count_of(std::size_t path) const {
  vt_step step{};
  if (bpf_map_lookup_elem(bpf_map__fd(impl_->maps->maps.steps), &impl_->places.at(path), &step) !=
      0)
    throw std::runtime_error(std::string("cannot read a BPF map: ") + std::strerror(errno));
  return {step.threads, step.processes};
}

std::vector<Attached> Session::attached() const {
  std::vector<Attached> questions = impl_->questions;
  for (Attached& question : questions) {
    for (const AttachedProgram& program : impl_->programs) {
      if (program.trial.counter == question.counter)
        question.recursion_misses = recursion_misses(program);
    }
  }
  return questions;
}

std::optional<std::uint64_t> size_of_kernel_struct(const char* name) {
  static btf* const kernel = btf__load_vmlinux_btf();  // kept: it is the same for the whole run
  if (!kernel) return std::nullopt;
  const int id = btf__find_by_name_kind(kernel, name, BTF_KIND_STRUCT);
  if (id <= 0) return std::nullopt;
  return btf__type_by_id(kernel, static_cast<__u32>(id))->size;
}

std::vector<Trial> try_every_rung() {
  std::vector<Trial> trials;
  const SessionOptions options{.ring_bytes = 4096};
  Skeleton maps;
  std::string no_maps = why_not_bpf().value_or("");
  try {
    maps = create_maps(options);
  } catch (const std::runtime_error& error) {
    if (no_maps.empty()) no_maps = error.what();
  }
  for (const Program& program : programs()) {
    if (maps)
      trials.push_back(attach(program, *maps, options).trial);
    else
      trials.push_back(
          {program.counter, program.rung, program.hook, Outcome::could_not_tell, no_maps});
  }
  return trials;
}

}  // namespace vtlab::probes
