// Whom the stacks of creators name: a program with known functions that make tasks a prime number of
// times in known ways, built with and without frame pointers, stripped, and gone at once.
#include <sys/wait.h>
#include <unistd.h>

#include <string>
#include <vector>

#include "kernel/observed_program.h"
#include "lab/creators.h"

namespace vtlab::test {
namespace {

using probes::Session;
using result::Creator;
using result::Creators;

Creators creators_of(const std::string& program, const std::vector<std::string>& words = {}) {
  Session session({.record_stacks = true});
  lab::CreatorStacks stacks(session);
  int gate[2];
  REQUIRE(pipe(gate) == 0);
  const pid_t child = fork();
  if (child == 0) {
    close(gate[1]);
    char byte;
    if (read(gate[0], &byte, 1) != 1) _exit(1);
    std::vector<char*> argv{const_cast<char*>(program.c_str())};
    for (const std::string& word : words) argv.push_back(const_cast<char*>(word.c_str()));
    argv.push_back(nullptr);
    execv(program.c_str(), argv.data());
    _exit(127);
  }
  close(gate[0]);
  session.follow(static_cast<std::uint32_t>(child), 1);
  stacks.begin();
  const auto before = session.read();
  static_cast<void>(!write(gate[1], "g", 1));
  int status = 0;
  while (waitpid(child, &status, WNOHANG) == 0) {
    stacks.service();
    usleep(500);
  }
  close(gate[1]);
  CHECK(status == 0);
  const auto after = session.read();
  const auto wakes = static_cast<std::size_t>(probes::Counter::wake_new);
  return stacks.end(after.counts[wakes].value() - before.counts[wakes].value(),
                    after.lost_stacks - before.lost_stacks);
}

std::string text_of(const Creators& creators) {
  std::string text;
  for (const Creator& place : creators.places) {
    text += std::to_string(place.threads) + " " + std::to_string(place.processes) + " end " +
            std::to_string(static_cast<int>(place.end)) + " " + place.missing_because + "\n";
    for (const auto& frame : place.frames)
      text += "    " + frame.function + " " + frame.file + " " + frame.line + " " +
              std::to_string(frame.address) + "\n";
  }
  return text + std::to_string(creators.tasks) + " " + std::to_string(creators.not_recorded);
}

}  // namespace

TEST_CASE("try") {
  VTLAB_NEEDS_BPF();
  const auto creators = creators_of(getenv("PROG"));
  printf("%s\n", text_of(creators).c_str());
}

}  // namespace vtlab::test
