// bpf_object.h — one loaded copy of the embedded BPF object with at most one program in it.
//
// A program that the kernel refuses fails its whole object. So each rung is loaded in a copy of its
// own, and all copies share one set of maps: the maps of the copy that was opened first. Private to
// probes/src.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "probes/rung.h"
#include "probes/session.h"
#include "vtlab.skel.h"

namespace vtlab::probes {

struct Program {
  std::string name;  ///< counter__rung
  Counter counter;
  Rung rung;
  std::string hook;
};

/// The programs of the object that answer the question of a counter, by their names, best rung first
/// within a counter.
const std::vector<Program>& programs();

struct SkeletonDeleter {
  void operator()(vtlab_bpf* skeleton) const { vtlab_bpf__destroy(skeleton); }
};
using Skeleton = std::unique_ptr<vtlab_bpf, SkeletonDeleter>;

struct LinkDeleter {
  void operator()(bpf_link* link) const { bpf_link__destroy(link); }
};
using Link = std::unique_ptr<bpf_link, LinkDeleter>;

struct RingDeleter {
  void operator()(ring_buffer* ring) const { ring_buffer__free(ring); }
};

/// A copy without programs: creates the maps. Throws std::runtime_error with the step and the
/// system's reason.
Skeleton create_maps(const SessionOptions& options);

/// The step that was refused, and the system's errno.
struct Refusal {
  std::string step;
  int error = 0;

  std::string why() const;
};

/// A copy with this one program, which shares the maps and is loaded; `prepare` sets constants before.
std::optional<Refusal> load_copy(const std::string& program, const vtlab_bpf& maps,
                                 const SessionOptions& options,
                                 const std::function<void(vtlab_bpf&)>& prepare, Skeleton& copy,
                                 bpf_program*& loaded);

/// A program that is attached, or (link empty) the trial that says why not.
struct AttachedProgram {
  Trial trial;
  Skeleton skeleton;
  Link link;
};
AttachedProgram attach(const Program& program, const vtlab_bpf& maps,
                       const SessionOptions& options);

/// How often the kernel skipped the program because it would have interrupted itself; empty if it does
/// not tell (bpf_prog_info has the field since Linux 5.12).
std::optional<std::uint64_t> recursion_misses(const bpf_program& program);
std::optional<std::uint64_t> recursion_misses(const AttachedProgram& program);

}  // namespace vtlab::probes
