#include "commands/lesson_run.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <filesystem>

#include "commands/arguments.h"
#include "commands/documents.h"
#include "lab/error.h"
#include "lab/fd.h"
#include "scenarios/unit_log.h"

namespace vtlab::commands {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void cannot(const std::string& what) {
  throw lab::Error(lab::ExitCode::machine_cannot, "cannot run a lesson's command",
                   {what + ": " + std::strerror(errno)});
}

// A folder of its own, gone with it: nobody else can write there.
class Folder {
 public:
  Folder() : path_((fs::temp_directory_path() / "vtlab-lesson-XXXXXX").string()) {
    if (!mkdtemp(path_.data())) cannot(path_);
  }
  ~Folder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  std::string file() const { return path_ + "/run.json"; }

 private:
  std::string path_;
};

// "-o FILE" stands before the "--" of a program that is observed.
std::vector<std::string> with_output(std::vector<std::string> words, const std::string& file) {
  const auto own_end = std::find(words.begin(), words.end(), "--");
  words.insert(own_end, {"-o", file});
  return words;
}

[[noreturn]] void become_vtlab(const std::string& program, const std::vector<std::string>& words,
                               int errors) {
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  const int nothing = open("/dev/null", O_RDWR);
  dup2(nothing, STDIN_FILENO);
  dup2(nothing, STDOUT_FILENO);
  dup2(errors, STDERR_FILENO);
  std::vector<char*> argv{const_cast<char*>(program.c_str())};
  for (const std::string& word : words) argv.push_back(const_cast<char*>(word.c_str()));
  argv.push_back(nullptr);
  execv("/proc/self/exe", argv.data());
  _exit(127);
}

// Takes what there is to read; false at the end.
bool take(int fd, std::string& to) {
  char buffer[4096];
  const ssize_t got = read(fd, buffer, sizeof(buffer));
  if (got > 0) to.append(buffer, static_cast<std::size_t>(got));
  return got > 0 || (got < 0 && errno == EINTR);
}

// What vtlab said, without its name and without the blanks before "why".
std::vector<std::string> said(const std::string& text) {
  std::vector<std::string> lines;
  for (std::string line : split(text, '\n')) {
    if (line.starts_with("vtlab: ")) line = line.substr(7);
    const auto first = line.find_first_not_of(' ');
    if (first == std::string::npos || line.substr(first).starts_with("type ") ||
        line.starts_with("wrote "))
      continue;
    line = line.substr(first);
    if (line.starts_with("why "))
      line = line.substr(std::min(line.find_first_not_of(' ', 4), line.size()));
    lines.push_back(line);
  }
  if (lines.empty()) lines.push_back("it ended without a word");
  return lines;
}

// A result that is not whole says why.
std::vector<std::string> what_is_missing(const result::Document& document) {
  std::vector<std::string> lines;
  const auto* set = std::get_if<result::ResultSet>(&document);
  if (!set) return lines;
  for (const result::Skip& skip : set->skipped) lines.push_back(skip.mode + ": " + skip.because);
  for (const result::Result& r : set->results)
    if (r.partial) lines.push_back(r.mode + ": " + r.partial_because);
  return lines;
}

}  // namespace

Ran run_for_lesson(const std::vector<std::string>& words, const std::string& program,
                   lab::Signals& signals, const std::function<void(double seconds)>& tick) {
  const Folder folder;
  const std::vector<std::string> arguments = with_output(words, folder.file());
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) cannot("pipe2");
  const lab::Fd errors(ends[0]);
  lab::Fd write_end(ends[1]);
  const pid_t pid = fork();
  if (pid < 0) cannot("fork");
  if (pid == 0) become_vtlab(program, arguments, write_end.get());
  write_end.reset();

  Ran ran;
  std::string text;
  const std::uint64_t begin = monotonic_ns();
  constexpr int kTick_ms = 200;
  for (;;) {
    pollfd wait[] = {{errors.get(), POLLIN, 0}, {signals.fd(), POLLIN, 0}};
    poll(wait, 2, kTick_ms);
    // From a terminal it went to vtlab, too; from elsewhere only to us.
    if (!ran.interrupted && signals.asked_to_stop()) {
      ran.interrupted = true;
      kill(pid, SIGINT);
    }
    tick(static_cast<double>(monotonic_ns() - begin) / 1e9);
    if (wait[0].revents && !take(errors.get(), text)) break;
  }
  int status = 0;
  while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  const bool saved = fs::exists(folder.file());
  const bool measured = WIFEXITED(status) && WEXITSTATUS(status) <= 1;
  if (saved) ran.document = load_document(folder.file());
  if (measured && ran.document && !ran.interrupted) return ran;
  if (ran.document) ran.why_not = what_is_missing(*ran.document);
  if (ran.why_not.empty()) ran.why_not = said(text);
  ran.document.reset();
  return ran;
}

}  // namespace vtlab::commands
