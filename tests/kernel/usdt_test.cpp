// The USDT probes of vthreads as bpftrace counts them, against the event log and against what was done.
#include <unistd.h>

#include <cstdio>
#include <map>
#include <string>
#include <vector>

#include "kernel/observed_program.h"
#include "vthreads/event_log.h"
#include "vthreads/vthreads.h"

namespace vtlab::test {
namespace {

#if __has_include(<sys/sdt.h>)
constexpr bool kBuiltWithProbes = true;
#else
constexpr bool kBuiltWithProbes = false;
#endif

using Counts = std::map<std::string, std::uint64_t>;

// 89 vthreads park 7 times each; one more wakes all of them, and lets them run, 7 times.
const Counts kDone = {{"start", 90}, {"mount", 90 + 89 * 7 + 7},   {"park", 89 * 7},
                      {"done", 90},  {"unmount", 90 + 89 * 7 + 7}, {"unpark", 89 * 7}};

std::uint64_t number_after(const std::string& text, const std::string& label) {
  const auto at = text.find(label);
  return at == std::string::npos ? 0 : std::stoull(text.substr(at + label.size()));
}

}  // namespace

// Also started by the next test, under bpftrace.
TEST_CASE("89 vthreads that park 7 times each are logged exactly", "[vthreads-89-times-7]") {
  vthreads::Config config;
  config.drive = vthreads::Config::Drive::calling_thread;
  config.event_log = 1 << 16;
  vthreads::Scheduler scheduler(config);
  std::vector<vthreads::VThread> sleepers;
  for (int i = 0; i < 89; ++i) {
    sleepers.push_back(scheduler.start([] {
      for (int round = 0; round < 7; ++round) vthreads::this_vthread::park();
    }));
  }
  vthreads::VThread waker = scheduler.start([&] {
    for (int round = 0; round < 7; ++round) {
      for (const vthreads::VThread& sleeper : sleepers) sleeper.unpark();
      vthreads::this_vthread::yield();
    }
  });
  scheduler.run();
  for (vthreads::VThread& sleeper : sleepers) sleeper.join();
  waker.join();
  Counts counts;
  const vthreads::EventLog log = scheduler.events();
  for (const vthreads::Event& event : log.events) {
    if (event.vthread != 0) ++counts[std::string(name_of(event.kind))];
  }
  CHECK(counts == kDone);
  CHECK(log.lost == 0);
}

TEST_CASE("bpftrace sees virtual threads: it counts each start, park and unpark exactly",
          "[bpftrace]") {
  VTLAB_NEEDS(kBuiltWithProbes, "built without <sys/sdt.h> (Debian: systemtap-sdt-dev)");
  VTLAB_NEEDS_BPF();
  VTLAB_NEEDS(access("/usr/bin/bpftrace", X_OK) == 0, "bpftrace is not installed");
  char program[4096];
  const ssize_t length = readlink("/proc/self/exe", program, sizeof program - 1);
  REQUIRE(length > 0);
  program[length] = '\0';
  std::string script;
  for (const auto& [name, count] : kDone)
    script +=
        "usdt:" + std::string(program) + ":vthreads:" + name + " { @" + name + " = count(); } ";
  // The second argument is the reason: 1 is WaitReason::park.
  script += "usdt:" + std::string(program) + ":vthreads:park /arg1 == 1/ { @as_park = count(); } ";
  const std::string command =
      "/usr/bin/bpftrace -e '" + script + "' -c '" + program + " [vthreads-89-times-7]' 2>&1";
  FILE* const bpftrace = popen(command.c_str(), "r");
  REQUIRE(bpftrace != nullptr);
  std::string output;
  for (int c = std::fgetc(bpftrace); c != EOF; c = std::fgetc(bpftrace))
    output += static_cast<char>(c);
  CHECK(pclose(bpftrace) == 0);
  CAPTURE(output);
  for (const auto& [name, count] : kDone) {
    CAPTURE(name);
    CHECK(number_after(output, "@" + name + ": ") == count);
  }
  CHECK(number_after(output, "@as_park: ") == 89 * 7);
}

}  // namespace vtlab::test
