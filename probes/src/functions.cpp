#include "probes/functions.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <linux/types.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <map>
#include <stdexcept>

#include "../bpf/functions_wire.h"
#include "bpf_object.h"
#include "per_cpu.h"

namespace vtlab::probes {

static_assert(kMostFunctionKeys == VT_FUNCTIONS && kFunctionWords == VT_FUNCTION_WORDS &&
              kFunctionValues == VT_FUNCTION_VALUES);
static_assert(sizeof(vt_function_call) == 56);

struct FunctionProbes::Impl {
  struct Attached {
    Skeleton skeleton;
    std::vector<Link> links;
  };
  const vtlab_bpf& maps;
  const SessionOptions& options;
  std::map<std::uint32_t, Attached> attached;
  std::unique_ptr<ring_buffer, RingDeleter> ring;
  const std::function<void(const FunctionCall&)>* sink = nullptr;

  static int on_call(void* self, void* data, std::size_t size) {
    if (size < sizeof(vt_function_call)) return 0;
    const auto& wire = *static_cast<const vt_function_call*>(data);
    FunctionCall call{wire.time_ns, wire.key, wire.cpu, wire.tid, wire.tgid, {}};
    std::copy(std::begin(wire.word), std::end(wire.word), call.words.begin());
    (*static_cast<Impl*>(self)->sink)(call);
    return 0;
  }
};

FunctionProbes::FunctionProbes(Session& session)
    : impl_(new Impl{session.maps(), session.options(), {}, {}, nullptr}) {
  impl_->ring.reset(ring_buffer__new(bpf_map__fd(impl_->maps.maps.function_calls), &Impl::on_call,
                                     impl_.get(), nullptr));
  if (!impl_->ring) throw std::runtime_error("cannot map the ring of function calls");
}

FunctionProbes::~FunctionProbes() = default;

std::optional<std::string> FunctionProbes::attach(const FunctionPlaces& places) {
  if (places.key >= kMostFunctionKeys || impl_->attached.contains(places.key))
    throw std::logic_error("a key of a function is taken or too large");
  Impl::Attached made;
  bpf_program* program = nullptr;
  auto prepare = [&](vtlab_bpf& skeleton) {
    skeleton.rodata->function_key = places.key;
    skeleton.rodata->function_abi = places.abi == Abi::go ? VT_ABI_GO : VT_ABI_C;
    skeleton.rodata->function_by = places.by_word ? 1 + *places.by_word : 0;
    skeleton.rodata->record_functions = impl_->options.record_functions && places.record;
    std::copy(places.fields.begin(), places.fields.end(), skeleton.rodata->function_field);
  };
  if (const auto refused = load_copy("functions__uprobe", impl_->maps, impl_->options, prepare,
                                     made.skeleton, program))
    return refused->why();
  bpf_uprobe_opts options{};
  options.sz = sizeof(options);
  for (const std::uint64_t offset : places.offsets) {
    constexpr pid_t kEverybody = -1;  // descendants, too: the program asks who it is
    Link link(bpf_program__attach_uprobe_opts(program, kEverybody, places.file.c_str(), offset,
                                              &options));
    if (!link) return std::string("the kernel refused a uprobe: ") + std::strerror(errno);
    made.links.push_back(std::move(link));
  }
  impl_->attached.emplace(places.key, std::move(made));
  return std::nullopt;
}

std::uint64_t FunctionProbes::count(std::uint32_t key) const {
  return sum(bpf_map__fd(impl_->maps.maps.function_counts), key);
}

std::array<std::uint64_t, kFunctionValues> FunctionProbes::by_value(std::uint32_t key) const {
  std::array<std::uint64_t, kFunctionValues> values{};
  for (std::uint32_t i = 0; i < kFunctionValues; ++i)
    values[i] = sum(bpf_map__fd(impl_->maps.maps.function_values), key * VT_FUNCTION_VALUES + i);
  return values;
}

std::optional<std::uint64_t> FunctionProbes::skipped() const {
  std::uint64_t all = 0;
  for (const auto& [key, attached] : impl_->attached) {
    const auto skipped = recursion_misses(*attached.skeleton->progs.functions__uprobe);
    if (!skipped) return std::nullopt;
    all += *skipped;
  }
  return all;
}

void FunctionProbes::drain(const std::function<void(const FunctionCall&)>& sink) {
  impl_->sink = &sink;
  ring_buffer__consume(impl_->ring.get());
  impl_->sink = nullptr;
}

std::uint64_t FunctionProbes::lost() const {
  return sum(bpf_map__fd(impl_->maps.maps.lost_function_calls), 0);
}

}  // namespace vtlab::probes
