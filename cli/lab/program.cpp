#include "lab/program.h"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <sstream>
#include <system_error>

#include "lab/error.h"
#include "lab/signals.h"

namespace vtlab::lab {
namespace {

// What the child says before it is the program: first that it is at the gate, then why it could not
// exec. A successful exec closes the pipe.
struct Answer {
  enum What : int { ready, not_the_user, no_exec } what;
  int error;
};

bool read_answer(const Fd& fd, Answer& answer) {
  ssize_t got;
  do got = read(fd.get(), &answer, sizeof(answer));
  while (got < 0 && errno == EINTR);
  return got == sizeof(answer);
}

// execvp(3) says EACCES also if a folder of PATH cannot be searched, wherever the program is: then
// "not found" is what people want to know, and what shells say.
int why_no_exec(const std::string& program, int error) {
  const char* path = std::getenv("PATH");
  if (error != EACCES || !path || program.find('/') != std::string::npos) return error;
  std::istringstream folders(path);
  for (std::string folder; std::getline(folders, folder, ':');) {
    if (access((folder + "/" + program).c_str(), F_OK) == 0) return error;
  }
  return ENOENT;
}

// Between fork and exec. Signals as a shell would leave them.
[[noreturn]] void become_program(const std::vector<std::string>& command, const User& user,
                                 int gate, int answers) {
  const auto say = [answers](Answer::What what, int error) {
    const Answer answer{what, error};
    static_cast<void>(!write(answers, &answer, sizeof(answer)));
  };
  signals_for_a_program();
  try {
    become(user);
  } catch (const std::system_error& error) {
    say(Answer::not_the_user, error.code().value());
    _exit(3);
  }
  std::vector<char*> argv;
  for (const std::string& word : command) argv.push_back(const_cast<char*>(word.c_str()));
  argv.push_back(nullptr);
  say(Answer::ready, 0);
  char byte;
  if (read(gate, &byte, 1) != 1) _exit(3);  // vtlab has died, or gave up
  execvp(argv[0], argv.data());
  say(Answer::no_exec, why_no_exec(command.front(), errno));
  _exit(127);
}

}  // namespace

Program::Program(const std::vector<std::string>& command, const User& user) {
  const auto cannot = [&](const std::string& why) {
    return Error(ExitCode::machine_cannot, "cannot start " + command.front(), {why});
  };
  int gate[2], answers[2];
  if (pipe2(gate, O_CLOEXEC) != 0) throw cannot(std::string("pipe2: ") + std::strerror(errno));
  Fd gate_read(gate[0]);
  gate_ = Fd(gate[1]);
  if (pipe2(answers, O_CLOEXEC) != 0) throw cannot(std::string("pipe2: ") + std::strerror(errno));
  answers_ = Fd(answers[0]);
  Fd answers_write(answers[1]);
  prctl(PR_SET_CHILD_SUBREAPER, 1);
  tgid_ = fork();
  if (tgid_ < 0) throw cannot(std::string("fork: ") + std::strerror(errno));
  if (tgid_ == 0) {
    gate_.reset();  // else the read at the gate would not end with vtlab
    become_program(command, user, gate_read.get(), answers_write.get());
  }
  answers_write.reset();
  Answer answer{};
  if (read_answer(answers_, answer) && answer.what == Answer::ready) return;
  waitpid(tgid_, nullptr, 0);
  at_gate_ = false;
  throw cannot("becoming user " + std::to_string(user.uid) + ": " + std::strerror(answer.error));
}

Program::~Program() {
  if (!at_gate_) return;
  kill(tgid_, SIGKILL);
  while (waitpid(tgid_, nullptr, __WALL) < 0 && errno == EINTR) {
  }
}

int Program::open_gate() {
  at_gate_ = false;
  const char byte = 'g';
  static_cast<void>(
      !write(gate_.get(), &byte, 1));  // EPIPE: it was killed, which waiting will show
  Answer answer{};
  if (!read_answer(answers_, answer)) return 0;
  while (waitpid(tgid_, nullptr, __WALL) < 0 && errno == EINTR) {
  }
  return answer.error;
}

}  // namespace vtlab::lab
