// vthreads_overflow.cpp — a program that dies; tests look at how. Its first argument says of what:
//   overflow   a vthread that calls itself for ever       mprotect   the same above the other guard
//   unreported the same with report_overflow off          pointer    a vthread that follows a wild pointer
//   stranger   the main thread touches a vthread's guard  sent       kill -SEGV
#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "vthreads/vthreads.h"

namespace {

std::atomic<std::uintptr_t> somewhere_on_its_stack{0};
volatile char* volatile wild = reinterpret_cast<volatile char*>(64);  // the compiler must not know

// Neither a tail call nor a loop: the frame is used after the call.
[[gnu::noinline]] int call_for_ever(int depth) {
  volatile char frame[512];
  frame[0] = static_cast<char>(depth);
  const int below = depth < 0 ? 0 : call_for_ever(depth + 1);
  return below + frame[0];
}

void dies(std::string_view how) {
  vthreads::Config config;
  config.carriers = 1;
  config.stack_bytes = std::size_t{256} << 10;
  if (how == "mprotect") config.guard = vthreads::Config::Guard::mprotect;
  if (how == "unreported") config.report_overflow = false;
  vthreads::Scheduler scheduler(config);
  scheduler.start([] {}).join();  // so that the one that dies is number 2
  if (how == "sent") ::raise(SIGSEGV);
  if (how == "stranger") {
    vthreads::VThread parked = scheduler.start([] {
      char here = 0;
      somewhere_on_its_stack = reinterpret_cast<std::uintptr_t>(&here);
      vthreads::this_vthread::park();
    });
    while (somewhere_on_its_stack == 0) vthreads::this_vthread::yield();
    const std::uintptr_t top = (somewhere_on_its_stack + 4096) / 4096 * 4096;
    *reinterpret_cast<volatile char*>(top - (std::size_t{65} * 4096) + 64) = 1;  // in its guard
    parked.join();
  }
  scheduler
      .start([&] {
        if (how == "pointer") *wild = 1;
        call_for_ever(0);
      })
      .join();
}

}  // namespace

int main(int argc, char** argv) {
  ::signal(SIGSEGV, SIG_DFL);  // a sanitizer has its own handler
  if (argc == 2) dies(argv[1]);
  return 0;
}
