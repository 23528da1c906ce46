#include "stealing/biased_lock.h"

#include <linux/membarrier.h>
#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace vthreads::detail {
namespace {

constexpr int kPatience = 200;  // looks, some ns each

}  // namespace

const bool kCpusCanBeOrdered =
    ::syscall(SYS_membarrier, MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED, 0, 0) == 0;

bool BiasedLock::try_lock() {
  if (locked_.exchange(true, std::memory_order_seq_cst)) return false;
  if (kCpusCanBeOrdered) ::syscall(SYS_membarrier, MEMBARRIER_CMD_PRIVATE_EXPEDITED, 0, 0);
  for (int i = 0; i < kPatience; ++i) {
    if (!busy_.load(std::memory_order_seq_cst)) return true;
    __builtin_ia32_pause();
  }
  unlock();
  return false;
}

void BiasedLock::enter_slowly() {
  for (int tries = 0;;) {
    busy_.store(false, std::memory_order_release);
    while (locked_.load(std::memory_order_relaxed)) {
      if (++tries < kPatience) {
        __builtin_ia32_pause();
      } else {
        ::sched_yield();
      }
    }
    busy_.store(true, std::memory_order_seq_cst);
    if (!locked_.load(std::memory_order_seq_cst)) return;
  }
}

}  // namespace vthreads::detail
