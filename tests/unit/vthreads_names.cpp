#include <atomic>
#include <string>
#include <vector>

#include "support/catch.h"
#include "support/vthreads_blocks.h"
#include "support/vthreads_death.h"
#include "support/vthreads_fixture.h"

namespace vthreads {
namespace {

TEST_CASE("a vthread has the name it was started with, and can change it", "[vthreads][name]") {
  Scheduler scheduler;
  std::string inside;
  VThread vthread = scheduler.start({.name = "reader"}, [&] {
    inside = this_vthread::name();
    this_vthread::park();
    this_vthread::set_name("writer");
  });
  CHECK(vthread.name() == "reader");
  vthread.unpark();
  test::wait_until([&] { return vthread.state() == State::done; });
  CHECK(vthread.name() == "writer");
  vthread.join();
  CHECK(inside == "reader");
  CHECK(vthread.name().empty());
}

TEST_CASE("a vthread has no name by default, also on a stack where a named one lived",
          "[vthreads][name]") {
  Scheduler scheduler({.carriers = 1});
  std::vector<std::string> names;
  scheduler
      .start([&] {
        for (const char* name : {"first", "", "third", ""})
          scheduler.start({.name = name}, [&] { names.push_back(this_vthread::name()); }).join();
        scheduler.start([&] { names.push_back(this_vthread::name()); }).join();
      })
      .join();
  CHECK(names == std::vector<std::string>{"first", "", "third", "", ""});
}

TEST_CASE("a name is cut to 32 bytes, and not in the middle of a character", "[vthreads][name]") {
  Scheduler scheduler;
  const auto kept = [&](const std::string& name) {
    VThread vthread = scheduler.start({.name = name}, [] {});
    const std::string got = vthread.name();
    vthread.join();
    return got;
  };
  CHECK(kept(std::string(32, 'a')) == std::string(32, 'a'));
  CHECK(kept(std::string(33, 'a')) == std::string(32, 'a'));
  CHECK(kept(std::string(31, 'a') + "ü") == std::string(31, 'a'));
  CHECK(kept(std::string(30, 'a') + "ü") == std::string(30, 'a') + "ü");
  CHECK(kept(std::string(30, 'a') + "€") == std::string(30, 'a'));
}

TEST_CASE("a name may be read while its vthread changes it", "[vthreads][name]") {
  Scheduler scheduler;
  std::atomic<bool> stop{false};
  VThread vthread = scheduler.start({.name = "aaaaaaaa"}, [&] {
    for (bool odd = true; !stop; odd = !odd) {
      this_vthread::set_name(odd ? "bbbb" : "aaaaaaaa");
      this_vthread::yield();
    }
  });
  int torn = 0;
  for (int i = 0; i < test::sized(10000); ++i) {
    const std::string name = vthread.name();
    torn += name != "aaaaaaaa" && name != "bbbb";
  }
  stop = true;
  vthread.join();
  CHECK(torn == 0);
}

TEST_CASE("a platform thread and an empty handle have no name", "[vthreads][name]") {
  this_vthread::set_name("main");
  CHECK(this_vthread::name().empty());
  CHECK(VThread().name().empty());
}

TEST_CASE("a fatal message has the name of the vthread", "[vthreads][name]") {
  test::Blocks blocks;
  detail::ControlBlock& vthread = blocks.make();
  vthread.begin(7);
  vthread.set_name("acceptor");
  const test::Death death = test::death_of([&] { vthread.change(State::parked); });
  CHECK(death.signal == SIGABRT);
  CHECK(death.message == "vthreads: vthread 7 'acceptor' may not go from fresh to parked\n");
}

}  // namespace
}  // namespace vthreads
