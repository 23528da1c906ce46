#include "scenarios/runtime.h"

#include <sched.h>
#include <semaphore.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <mutex>
#include <new>
#include <system_error>

namespace vtlab {
namespace {

template <typename Call>
ssize_t again_if_interrupted(Call call) {
  ssize_t result;
  do {
    result = call();
  } while (result < 0 && errno == EINTR);
  return result;
}

// Where semaphores lie: pages of many, because a mapping for each would use up vm.max_map_count. Which
// places are taken is noted in the shared page itself: processes that were forked since go on in it
// together. What is never given back is gone with the process.
constexpr std::size_t kPerPage = 63;

struct SemaphorePage {
  std::atomic<std::size_t> taken{0};
  struct alignas(64) Place {  // a cache line each: neighbours belong to other units
    sem_t semaphore;
  } places[kPerPage];
};

sem_t* new_place() {
  static std::mutex mutex;
  static SemaphorePage* page = nullptr;  // guarded by mutex; the newest
  const std::lock_guard lock(mutex);
  if (page) {
    const std::size_t place = page->taken.fetch_add(1, std::memory_order_relaxed);
    if (place < kPerPage) return &page->places[place].semaphore;
  }
  void* memory = mmap(nullptr, sizeof(SemaphorePage), PROT_READ | PROT_WRITE,
                      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) throw std::system_error(errno, std::generic_category(), "mmap");
  page = new (memory) SemaphorePage;
  page->taken.store(1, std::memory_order_relaxed);
  return &page->places[0].semaphore;
}

// sem_init(3) in memory that forked units share.
class KernelSemaphore final : public Semaphore {
 public:
  explicit KernelSemaphore(unsigned permits) : semaphore_(new_place()) {
    sem_init(semaphore_, 1, permits);
  }

  void acquire() override {
    again_if_interrupted([&] { return sem_wait(semaphore_); });
  }
  void release() override { sem_post(semaphore_); }

 private:
  sem_t* semaphore_;
};

}  // namespace

pid_t Runtime::current_tid() const {
  return gettid();
}

ssize_t Runtime::read(int fd, void* buffer, std::size_t size) {
  return again_if_interrupted([&] { return ::read(fd, buffer, size); });
}

ssize_t Runtime::write(int fd, const void* buffer, std::size_t size) {
  return again_if_interrupted([&] { return ::write(fd, buffer, size); });
}

void Runtime::yield() {
  sched_yield();
}

void Runtime::sleep(std::uint64_t ns) {
  constexpr std::uint64_t kSecond = 1'000'000'000u;
  timespec left{static_cast<time_t>(ns / kSecond), static_cast<long>(ns % kSecond)};
  again_if_interrupted([&] { return nanosleep(&left, &left); });
}

std::unique_ptr<Semaphore> Runtime::semaphore(std::uint32_t permits) {
  return std::make_unique<KernelSemaphore>(permits);
}

}  // namespace vtlab
