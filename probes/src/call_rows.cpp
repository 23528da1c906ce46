#include "call_rows.h"

#include <linux/types.h>

#include <algorithm>
#include <map>
#include <tuple>

#include "../bpf/calls_wire.h"
#include "call_names.h"
#include "per_cpu.h"

namespace vtlab::probes {

static_assert(sizeof(vt_call_key) == 44 && sizeof(vt_caller) == 72, "calls_wire.h: what BPF wrote");
static_assert(sizeof(vt_call_row) == 80 + 8 * VT_CALL_BUCKETS);
static_assert(static_cast<unsigned>(Wait::child_group) == VT_WAIT_CHILD_GROUP);

namespace {

template <typename Key, typename Value>
struct Entries {
  std::vector<Key> keys;
  std::vector<Value> values;  // values_per_key of each, in the order of keys
};

// A hash map in one system call (Linux 5.6), so that a key that goes away meanwhile does no harm.
template <typename Key, typename Value>
Entries<Key, Value> read_all(const bpf_map* map, std::size_t values_per_key) {
  std::uint32_t count = bpf_map__max_entries(map), position = 0;
  Entries<Key, Value> all{std::vector<Key>(count), std::vector<Value>(count * values_per_key)};
  const int failed = bpf_map_lookup_batch(bpf_map__fd(map), nullptr, &position, all.keys.data(),
                                          all.values.data(), &count, nullptr);
  if (failed && errno != ENOENT)  // ENOENT: these were all
    throw std::runtime_error(std::string("cannot read a BPF map: ") + std::strerror(errno));
  all.keys.resize(count);
  all.values.resize(count * values_per_key);
  return all;
}

template <typename Key, typename Value>
void clear(const bpf_map* map, std::size_t values_per_key) {
  for (const Key& key : read_all<Key, Value>(map, values_per_key).keys)
    bpf_map_delete_elem(bpf_map__fd(map), &key);
}

std::size_t cpus() {
  return static_cast<std::size_t>(libbpf_num_possible_cpus());
}

std::uint64_t end_of_bucket(std::size_t index) {
  constexpr std::size_t kBits = VT_CALL_BUCKET_BITS;
  if (index < (std::size_t{2} << kBits)) return ((index + 1) << VT_CALL_GRAIN_BITS) - 1;
  const std::size_t shift = (index >> kBits) - 1;
  const std::uint64_t leading = (index & ((1u << kBits) - 1)) | (1u << kBits);
  return ((leading + 1) << (shift + VT_CALL_GRAIN_BITS)) - 1;
}

void stretch(std::optional<Asked>& range, const vt_range& more) {
  if (more.count == 0) return;
  if (!range) range = Asked{more.least, more.most};
  range->least = std::min<std::uint64_t>(range->least, more.least);
  range->most = std::max<std::uint64_t>(range->most, more.most);
}

CallRow row_of(const vt_call_key& key) {
  CallRow row;
  row.number = key.number;
  row.is_32_bit = key.flags & VT_CALL_32_BIT;
  row.by = key.by;
  row.during = key.during;
  row.name.assign(key.name, strnlen(key.name, sizeof(key.name)));
  row.wait = static_cast<Wait>(key.wait);
  row.limit = static_cast<Limit>(key.limit);
  row.detail = key.detail;
  row.error = key.error;
  return row;
}

void add_up(CallRow& row, const vt_call_row* first, std::size_t count) {
  std::uint64_t buckets[VT_CALL_BUCKETS] = {};
  for (const vt_call_row* cpu = first; cpu != first + count; ++cpu) {
    row.returned += cpu->returned;
    row.unreturned += cpu->unreturned;
    row.total_ns += cpu->total_ns;
    row.max_ns = std::max<std::uint64_t>(row.max_ns, cpu->max_ns);
    stretch(row.time_ns, cpu->time);
    stretch(row.fds, cpu->fds);
    for (std::size_t i = 0; i < VT_CALL_BUCKETS; ++i) buckets[i] += cpu->buckets[i];
  }
  for (std::size_t i = 0; i < VT_CALL_BUCKETS; ++i)
    if (buckets[i] != 0) row.latency.push_back({end_of_bucket(i), buckets[i]});
  // What took longer than the last bucket says, and what is the longest, is known exactly.
  if (!row.latency.empty()) row.latency.back().most_ns = row.max_ns;
}

}  // namespace

std::uint32_t room_for_call_rows() {
  constexpr std::size_t kBytes = 64u << 20, kFewest = 256;
  return static_cast<std::uint32_t>(
      std::clamp<std::size_t>(kBytes / sizeof(vt_call_row) / cpus(), kFewest, VT_MAX_CALL_ROWS));
}

void write_call_shapes(const vtlab_bpf& maps) {
  for (std::uint32_t number = 0; number < VT_MAX_CALL_NUMBERS; ++number) {
    const std::uint32_t shape = call_shape(number);
    if (shape != VT_SHAPE_NONE)
      bpf_map_update_elem(bpf_map__fd(maps.maps.shapes), &number, &shape, BPF_ANY);
  }
}

void clear_calls(const vtlab_bpf& maps) {
  clear<vt_call_key, vt_call_row>(maps.maps.call_rows, cpus());
  clear<std::uint64_t, vt_caller>(maps.maps.callers, 1);
  clear<std::uint32_t, std::uint32_t>(maps.maps.makers, 1);
  const std::vector<std::uint64_t> zeroes(cpus());
  for (std::uint32_t kind = 0; kind < VT_LOST_CALLS; ++kind)
    bpf_map_update_elem(bpf_map__fd(maps.maps.lost_calls), &kind, zeroes.data(), BPF_ANY);
}

Calls read_calls(const vtlab_bpf& maps) {
  Calls calls;
  const auto rows = read_all<vt_call_key, vt_call_row>(maps.maps.call_rows, cpus());
  for (std::size_t i = 0; i < rows.keys.size(); ++i) {
    calls.rows.push_back(row_of(rows.keys[i]));
    add_up(calls.rows.back(), &rows.values[i * cpus()], cpus());
  }
  // What is going on is a row of its own: nobody knows yet whether it will have blocked.
  std::map<std::tuple<std::uint32_t, std::uint32_t, std::uint32_t, std::uint32_t>, CallRow>
      going_on;
  for (const vt_caller& caller : read_all<std::uint64_t, vt_caller>(maps.maps.callers, 1).values) {
    if (caller.entered_ns == 0) continue;
    vt_call_key key{};
    key.number = caller.number;
    key.flags = caller.flags;
    key.by = caller.by;
    key.during = caller.during;
    CallRow& row = going_on[{key.number, key.flags, key.by, key.during}];
    const std::uint64_t others = row.in_progress;
    row = row_of(key);
    row.in_progress = others + 1;
  }
  for (auto& [key, row] : going_on) calls.rows.push_back(std::move(row));
  calls.lost = sum(bpf_map__fd(maps.maps.lost_calls), VT_LOST_CALL_ROW);
  calls.lost_callers = sum(bpf_map__fd(maps.maps.lost_calls), VT_LOST_CALLER);
  return calls;
}

}  // namespace vtlab::probes
