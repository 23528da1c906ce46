#include "fatal.h"

#include <unistd.h>

#include <array>
#include <cstdlib>
#include <cstring>

namespace vthreads::detail {

void fatal(std::string_view message) noexcept {
  std::array<char, 512> line{"vthreads: "};
  std::size_t used = std::strlen(line.data());
  used += message.copy(line.data() + used, line.size() - used - 1);
  line[used++] = '\n';
  [[maybe_unused]] const auto written = ::write(STDERR_FILENO, line.data(), used);
  std::abort();
}

}  // namespace vthreads::detail
