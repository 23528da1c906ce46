// shared_memory.h — memory that vtlab and the observed program both map: the unit log, the action
// slots.
#pragma once

#include <cstddef>

#include "lab/fd.h"

namespace vtlab::lab {

/// Owns a memfd and its mapping. Zeroed at first. Errors: std::system_error.
class SharedMemory {
 public:
  SharedMemory(const char* name, std::size_t bytes);
  ~SharedMemory();
  SharedMemory(const SharedMemory&) = delete;
  SharedMemory& operator=(const SharedMemory&) = delete;

  int fd() const { return fd_.get(); }
  void* data() const { return data_; }

 private:
  Fd fd_;
  std::size_t bytes_;
  void* data_;
};

}  // namespace vtlab::lab
