// fan_out.cpp — many vthreads at once: each waits a little and does its part; one adds up what they found.
//
//   fan_out [VTHREADS]
#include <vthreads/event_log.h>
#include <vthreads/vthreads.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <vector>

namespace {

using namespace std::chrono_literals;

std::uint64_t sum_of_parts(vthreads::Scheduler& scheduler, std::uint64_t count) {
  std::vector<std::uint64_t> found(count);
  std::vector<vthreads::VThread> parts;
  parts.reserve(count);
  for (std::uint64_t i = 0; i < count; ++i) {
    parts.push_back(scheduler.start([i, &found] {
      vthreads::this_vthread::sleep_for(10ms);  // a request to somebody else, say
      found[i] = i + 1;
    }));
  }
  std::uint64_t sum = 0;
  for (std::uint64_t i = 0; i < count; ++i) {
    parts[i].join();
    sum += found[i];
  }
  return sum;
}

// What the event log says about the run.
void tell(const vthreads::EventLog& log) {
  std::array<std::uint64_t, 32> counts{};
  for (const vthreads::Event& event : log.events) ++counts[static_cast<std::size_t>(event.kind)];
  for (std::size_t kind = 0; kind < counts.size(); ++kind) {
    if (counts[kind] == 0) continue;
    const auto name = vthreads::name_of(static_cast<vthreads::EventKind>(kind));
    std::printf("%10llu %.*s\n", static_cast<unsigned long long>(counts[kind]),
                static_cast<int>(name.size()), name.data());
  }
}

}  // namespace

int main(int argc, char** argv) {
  const std::uint64_t count = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 10007;
  vthreads::Config config;
  config.event_log = std::size_t{1} << 20;
  vthreads::Scheduler scheduler(config);
  std::uint64_t sum = 0;
  scheduler.start([&] { sum = sum_of_parts(scheduler, count); }).join();
  std::printf("%llu vthreads on %u carriers found %llu\n", static_cast<unsigned long long>(count),
              scheduler.stats().carriers, static_cast<unsigned long long>(sum));
  tell(scheduler.events());
  return sum == count * (count + 1) / 2 ? EXIT_SUCCESS : EXIT_FAILURE;
}
