// bench-platform: every work of the benchmark on platform threads.
#include <sched.h>

#include "works.h"

namespace vtlab::bench {

void use_carriers(const Options& options) {
  if (options.carriers != 1) return;
  cpu_set_t one;
  CPU_ZERO(&one);
  CPU_SET(static_cast<std::size_t>(sched_getcpu()), &one);
  sched_setaffinity(0, sizeof(one), &one);
}

}  // namespace vtlab::bench

int main(int argc, char** argv) {
  using namespace vtlab::bench;
  static constexpr Work kWorks[] = {
      {"spawn-join", spawn_join},
      {"spawn-batch", spawn_batch},
      {"alive", alive},
      {"yield", yield},
      {"mutex-ping-pong", mutex_ping_pong},
      {"channel-ping-pong", channel_ping_pong},
      {"parked", parked},
      {"sleepers", sleepers},
      {"echo", echo},
      {"skynet", skynet},
  };
  return run(argc, argv, "std::thread", kWorks);
}
