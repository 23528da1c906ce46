#include "scenarios/runtime.h"

#include <sched.h>
#include <semaphore.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include <cerrno>
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

// sem_init(3) in memory that forked units share.
class KernelSemaphore final : public Semaphore {
 public:
  explicit KernelSemaphore(unsigned permits)
      : memory_(mmap(nullptr, sizeof(sem_t), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
                     0)) {
    if (memory_ == MAP_FAILED) throw std::system_error(errno, std::generic_category(), "mmap");
    sem_init(get(), 1, permits);
  }
  ~KernelSemaphore() override { munmap(memory_, sizeof(sem_t)); }

  void acquire() override {
    again_if_interrupted([&] { return sem_wait(get()); });
  }
  void release() override { sem_post(get()); }

 private:
  sem_t* get() const { return static_cast<sem_t*>(memory_); }
  void* memory_;
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
