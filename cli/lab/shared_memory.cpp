#include "lab/shared_memory.h"

#include <sys/mman.h>

#include <cerrno>
#include <system_error>

namespace vtlab::lab {

SharedMemory::SharedMemory(const char* name, std::size_t bytes)
    : fd_(memfd_create(name, MFD_CLOEXEC)), bytes_(bytes) {
  if (!fd_ || ftruncate(fd_.get(), static_cast<off_t>(bytes)) != 0)
    throw std::system_error(errno, std::generic_category(), "memfd_create");
  data_ = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd_.get(), 0);
  if (data_ == MAP_FAILED) throw std::system_error(errno, std::generic_category(), "mmap");
}

SharedMemory::~SharedMemory() {
  munmap(data_, bytes_);
}

}  // namespace vtlab::lab
