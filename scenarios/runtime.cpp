#include "scenarios/runtime.h"

#include <unistd.h>

#include <cerrno>

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

}  // namespace vtlab
