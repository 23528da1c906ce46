#include <signal.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <fstream>
#include <stdexcept>
#include <string>
#include <system_error>
#include <utility>

#include "slab_registry.h"
#include "stack_memory.h"
#include "support/catch.h"
#include "support/require.h"
#include "support/vthreads_blocks.h"
#include "support/vthreads_child.h"
#include "support/vthreads_fixture.h"

namespace vthreads {
namespace {

using Guard = Config::Guard;

const std::byte* low_of_first(const detail::StackPool& pool, const detail::ControlBlock& first) {
  const auto* const block = reinterpret_cast<const std::byte*>(&first);
  return block + detail::StackLayout::kBlockBytes - pool.layout().stride;
}

// The kernel refuses to read what we may not.
bool readable(const std::byte* address) {
  std::array<int, 2> ends{};
  REQUIRE(::pipe(ends.data()) == 0);
  const ssize_t written = ::write(ends[1], address, 1);
  const int error = errno;
  ::close(ends[0]);
  ::close(ends[1]);
  if (written != 1) REQUIRE(error == EFAULT);
  return written == 1;
}

bool has(const test::Ended& ended, const char* text) {
  return ended.said.find(text) != std::string::npos;
}

bool guards_exist() {
  return detail::try_guard() == 0;
}

TEST_CASE("the lowest page of a stack cannot be touched, whatever the guard is made of",
          "[vthreads][stack]") {
  const Guard guard = GENERATE(Guard::automatic, Guard::none, Guard::mprotect);
  test::Blocks blocks({.guard = guard});
  const detail::StackPool& pool = blocks.pool();
  const std::byte* const low = low_of_first(pool, blocks.make());
  CHECK(readable(low) == (pool.guard() == Guard::none));
  CHECK(readable(low + 4095) == (pool.guard() == Guard::none));
  CHECK(readable(low + 4096));
  CHECK(readable(low + pool.layout().stride - 1));
}

TEST_CASE("guards are there by default where the kernel has them without mappings",
          "[vthreads][stack]") {
  test::Blocks blocks;
  CHECK(blocks.pool().guard() == (guards_exist() ? Guard::madvise : Guard::none));
}

TEST_CASE("a guard that this kernel does not have is refused", "[vthreads][stack][config]") {
  if (guards_exist()) {
    test::Blocks blocks({.guard = Guard::madvise});
    CHECK(blocks.pool().guard() == Guard::madvise);
  } else {
    CHECK_THROWS_AS(Scheduler({.guard = Guard::madvise}), std::system_error);
  }
  CHECK_THROWS_AS(Scheduler({.guard = static_cast<Guard>(77)}), std::invalid_argument);
}

TEST_CASE("a guard is still there when its stack was given back and is used again",
          "[vthreads][stack]") {
  const Guard guard = GENERATE(Guard::automatic, Guard::mprotect);
  test::Blocks blocks({.guard = guard});
  detail::StackPool& pool = blocks.pool();
  VTLAB_NEEDS(pool.guard() != Guard::none, "this kernel has no MADV_GUARD_INSTALL");
  detail::ControlBlock& kept = pool.acquire();
  detail::ControlBlock& block = pool.acquire();
  const std::byte* const low = low_of_first(pool, kept) + pool.layout().stride;
  CHECK_FALSE(readable(low));
  pool.release(block);
  CHECK(pool.trim(0) == 1);
  CHECK_FALSE(readable(low));
  CHECK(&pool.acquire() == &block);
  CHECK_FALSE(readable(low));
  CHECK(readable(low + pool.layout().stride - 1));
}

#if !defined(__SANITIZE_THREAD__)
TEST_CASE("when there are no mappings left for guards the pool says so, and goes on later",
          "[vthreads][stack]") {
  std::size_t mappings = 0;
  std::ifstream("/proc/sys/vm/max_map_count") >> mappings;
  VTLAB_NEEDS(mappings > 0 && mappings <= 70000, "vm.max_map_count is not near its default");
  test::Blocks blocks({.bytes = kMinStackBytes, .guard = Guard::mprotect});
  detail::StackPool& pool = blocks.pool();
  detail::VThreadList out;
  std::error_code error;
  while (!error && out.size() < mappings) {
    try {
      out.append(pool.acquire(64));
    } catch (const std::system_error& thrown) {
      error = thrown.code();
    }
  }
  CHECK(error == std::errc::not_enough_memory);
  CHECK(out.size() > mappings / 2 - 2000);
  CHECK(out.size() <= mappings / 2);
  CHECK(pool.stacks_made() == out.size());
  pool.release(std::move(out));
  pool.trim(0);
  CHECK(pool.stacks_made() == 0);
  CHECK(pool.slabs() == 0);
  pool.acquire();
  CHECK(pool.stacks_made() == 1);
}
#endif

TEST_CASE("an address is found in its slab while that exists", "[vthreads][stack]") {
  std::uintptr_t address = 0;
  {
    test::Blocks blocks;
    address = reinterpret_cast<std::uintptr_t>(&blocks.make());
    const auto slab = detail::find_slab(address);
    REQUIRE(slab);
    CHECK(slab->stride == blocks.pool().layout().stride);
    CHECK(slab->guard == blocks.pool().layout().guard);
    CHECK(address - slab->base < slab->stride);
    CHECK_FALSE(detail::find_slab(slab->base - 1));
    CHECK_FALSE(detail::find_slab(slab->base + slab->bytes));
  }
  CHECK_FALSE(detail::find_slab(address));
}

TEST_CASE("a stack overflow is reported as such before the process dies of it",
          "[vthreads][stack]") {
  VTLAB_NEEDS(guards_exist(), "this kernel has no MADV_GUARD_INSTALL");
  const std::string how = GENERATE("overflow", "mprotect");
  const test::Ended ended = test::run_program("vthreads-overflow", how);
  INFO(ended.said);
  CHECK(ended.signal == SIGSEGV);
  CHECK(has(ended, "vthreads: stack overflow: vthread 2 "));
  CHECK(has(ended, "its stack of 260 KiB"));
  CHECK(has(ended, "raise Config::stack_bytes"));
}

TEST_CASE("what is no stack overflow is not reported as one", "[vthreads][stack]") {
  const std::string how = GENERATE("unreported", "pointer", "sent", "stranger");
  const test::Ended ended = test::run_program("vthreads-overflow", how);
  CAPTURE(how, ended.said);
  VTLAB_NEEDS(guards_exist() || (how != "unreported" && how != "stranger"),
              "this kernel has no MADV_GUARD_INSTALL");
  CHECK(ended.signal == SIGSEGV);
  CHECK_FALSE(has(ended, "stack overflow"));
}

}  // namespace
}  // namespace vthreads
