// child_main.cpp — main of vtlab-child: the observed program. Waits at the gate, runs one body,
// reports.
//
// Started by vtlab only (docs/child-protocol.md). Arguments: SCENARIO MODE SLOTS KEY=VALUE…
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "scenarios/catalogue.h"
#include "scenarios/child_protocol.h"

namespace vtlab {
namespace {

[[noreturn]] void fail(int error, const char* what) {
  throw std::system_error(error, std::generic_category(), what);
}

void say(const std::string& line) {
  const std::string text = line + "\n";
  if (write(child_protocol::kReportFd, text.data(), text.size()) < 0) _exit(3);  // vtlab is gone
}

// There may be millions: many lines with each write.
void tell_events(Runtime& runtime) {
  constexpr std::size_t kEnough = 60'000;
  std::string lines;
  const auto add = [&](const std::string& line) {
    lines += (lines.empty() ? "" : "\n") + line;
    if (lines.size() > kEnough) say(std::exchange(lines, {}));
  };
  const std::vector<std::uint64_t> ids = runtime.unit_ids();
  for (std::size_t unit = 0; unit < ids.size(); ++unit)
    if (ids[unit] != 0)
      add(std::string(child_protocol::kUnit) + " " + std::to_string(unit) + " " +
          std::to_string(ids[unit]));
  for (const UnitEvent& event : runtime.events())
    add(std::string(child_protocol::kEvent) + " " + to_words(event));
  if (!lines.empty()) say(lines);
}

// Returns at the byte; if vtlab is gone there is nobody to work for.
void wait_at_gate() {
  char byte = 0;
  ssize_t got;
  do {
    got = read(child_protocol::kGateFd, &byte, 1);
  } while (got < 0 && errno == EINTR);
  if (got != 1) _exit(3);
}

// Leaves without unwinding: units may still be running, and nothing of theirs needs cleaning up.
[[noreturn]] void give_up(const std::exception& error) {
  say(std::string(child_protocol::kError) + " " + error.what());
  _exit(1);
}

// Touched at once (MAP_POPULATE), so that the unit log does not count as memory of the units.
void* map_shared(int fd, std::size_t bytes) {
  void* memory = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, fd, 0);
  if (memory == MAP_FAILED) fail(errno, "mmap");
  return memory;
}

// vtlab sends the connections in messages of many fds each until there is one per unit.
std::vector<int> receive_connections(std::uint32_t count) {
  constexpr std::size_t kMost = 253;  // SCM_MAX_FD of unix(7)
  std::vector<int> connections;
  while (connections.size() < count) {
    char byte;
    iovec data{&byte, 1};
    alignas(cmsghdr) char control[CMSG_SPACE(kMost * sizeof(int))];
    msghdr message{};
    message.msg_iov = &data;
    message.msg_iovlen = 1;
    message.msg_control = control;
    message.msg_controllen = sizeof(control);
    const ssize_t got = recvmsg(child_protocol::kConnectionsFd, &message, 0);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) fail(got < 0 ? errno : ECONNRESET, "receiving the connections");
    if (message.msg_flags & MSG_CTRUNC) fail(EMFILE, "receiving the connections");
    const cmsghdr* header = CMSG_FIRSTHDR(&message);
    if (!header || header->cmsg_type != SCM_RIGHTS) continue;
    const std::size_t fds = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    const std::size_t before = connections.size();
    connections.resize(before + fds);
    std::memcpy(connections.data() + before, CMSG_DATA(header), fds * sizeof(int));
  }
  return connections;
}

// A file of the invoking user that has no name any more, with a byte for each unit.
int open_file(std::uint32_t units) {
  std::FILE* file = std::tmpfile();
  if (!file) fail(errno, "making a temporary file");
  const std::string content(units, 'a');
  if (std::fwrite(content.data(), 1, units, file) != units || std::fflush(file) != 0 ||
      lseek(fileno(file), 0, SEEK_SET) != 0)
    fail(errno, "writing a temporary file");
  return fileno(file);
}

void run(char** arguments) {
  const Scenario* scenario = find_scenario(arguments[0]);
  const Mode* mode = find_mode(arguments[1]);
  if (!scenario || !mode || mode->foreign) fail(EINVAL, "scenario or mode");
  const std::size_t slots = std::strtoull(arguments[2], nullptr, 10);
  Params params;
  for (char** word = arguments + 3; *word; ++word)
    if (!take_word(params, *word)) fail(EINVAL, *word);

  UnitLog log(map_shared(child_protocol::kUnitLogFd, UnitLog::bytes(params.tasks)), params.tasks);
  const ActionBoard board(
      {static_cast<ActionSlot*>(map_shared(child_protocol::kSlotsFd, slots * sizeof(ActionSlot))),
       slots});
  std::vector<int> connections;
  if (params.over == Over::file)
    connections = {open_file(params.tasks)};
  else if (scenario->needs_server || scenario->requests_per_client)
    connections = receive_connections(params.tasks * (params.over == Over::pipe ? 2 : 1));
  if (mode->check) mode->check(params);
  if (mode->prepare) {
    for (const int fd : connections) mode->prepare(fd);
  }

  say(child_protocol::kReady);
  wait_at_gate();
  const std::uint64_t start = monotonic_ns();
  std::unique_ptr<Runtime> runtime;
  std::optional<Workload> work;
  try {
    runtime = mode->make(params, board);
    work.emplace(*runtime, log, params, connections, board);
    work->set_look([] {
      say(child_protocol::kWaiting);
      wait_at_gate();
    });
    if (EventLoop* loop = runtime->event_loop())
      scenario->callbacks(*work, *loop);
    else
      scenario->body(*work);
  } catch (const std::exception& error) {
    give_up(error);  // here, not further out: the units that did start still run in the runtime
  }
  const std::uint64_t end = monotonic_ns();

  say(std::string(child_protocol::kWindow) + " " + std::to_string(start) + " " +
      std::to_string(end));
  const auto say_number = [](const std::string& key, std::uint64_t value) {
    say(std::string(child_protocol::kMetric) + " " + key + " " + std::to_string(value));
  };
  if (const auto switches = runtime->unit_switches()) say_number("unit_switches", *switches);
  for (const auto& [key, value] : work->reported()) say_number(key, value);
  say(child_protocol::kDone);
  wait_at_gate();
  tell_events(*runtime);
}

}  // namespace
}  // namespace vtlab

int main(int argc, char** argv) {
  // What a unit starts that has to start some program; nothing is asked of it.
  if (argc == 2 && std::strcmp(argv[1], "--nothing") == 0) return 0;
  if (argc < 4) {
    std::fputs("vtlab-child is started by vtlab; try: vtlab run\n", stderr);
    return 2;
  }
  prctl(PR_SET_NAME,
        "vtlab-child");  // started by fd, before Linux 6.14 the fd's number is its name
  try {
    vtlab::run(argv + 1);
  } catch (const std::exception& error) {
    vtlab::give_up(error);
  }
  return 0;
}
