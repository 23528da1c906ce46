// per_cpu.h — the values of a per-CPU map, added up. Private to probes/src.
#pragma once

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include <cerrno>
#include <cstdint>
#include <cstring>
#include <stdexcept>
#include <string>
#include <vector>

namespace vtlab::probes {

// Calls add() with the value of each CPU.
template <typename Value, typename Key, typename Add>
void sum_cpus(int map_fd, const Key& key, Add add) {
  std::vector<Value> values(static_cast<std::size_t>(libbpf_num_possible_cpus()));
  if (bpf_map_lookup_elem(map_fd, &key, values.data()) != 0)
    throw std::runtime_error(std::string("cannot read a BPF map: ") + std::strerror(errno));
  for (const Value& value : values) add(value);
}

inline std::uint64_t sum(int map_fd, std::uint32_t key) {
  std::uint64_t total = 0;
  sum_cpus<std::uint64_t>(map_fd, key, [&](std::uint64_t value) { total += value; });
  return total;
}

}  // namespace vtlab::probes
