// bench-vthreads: every work of the benchmark on our own runtime.
#include "works.h"

int main(int argc, char** argv) {
  using namespace vtlab::bench;
  static constexpr Work kWorks[] = {
    {"spawn-join", spawn_join},
    {"spawn-batch", spawn_batch},
    {"alive", alive},
    {"yield", yield},
#if __has_include(<vthreads/mutex.h>) && __has_include(<vthreads/condition_variable.h>)
    {"mutex-ping-pong", mutex_ping_pong},
#endif
#if __has_include(<vthreads/channel.h>)
    {"channel-ping-pong", channel_ping_pong},
#endif
    {"parked", parked},
    {"sleepers", sleepers},
    {"echo", echo},
    {"skynet", skynet},
  };
  return run(argc, argv, "vthreads", kWorks);
}
