#include "commands/lesson_scores.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "commands/new_file.h"
#include "lab/error.h"

namespace vtlab::commands {
namespace {

namespace fs = std::filesystem;

// Under sudo the variable is root's, and the home is not.
std::string place(const lab::User& user) {
  const char* state = std::getenv("XDG_STATE_HOME");
  const char* home = std::getenv("HOME");
  const bool own = user.uid == getuid();
  if (own && state && *state == '/') return std::string(state) + "/vtlab/lessons.json";
  const std::string from = own && home && *home == '/' ? home : user.home;
  return from.empty() ? "" : from + "/.local/state/vtlab/lessons.json";
}

// What is below somebody's home is theirs: root reads and writes nothing there that they could not.
class AsUser {
 public:
  explicit AsUser(const lab::User& user) : group_(getegid()), user_(geteuid()) {
    if (user_ == 0 && user.uid != 0) able_ = setegid(user.gid) == 0 && seteuid(user.uid) == 0;
  }
  ~AsUser() {
    if (seteuid(user_) != 0 || setegid(group_) != 0) std::abort();
  }
  AsUser(const AsUser&) = delete;
  AsUser& operator=(const AsUser&) = delete;
  bool able() const { return able_; }

 private:
  const gid_t group_;
  const uid_t user_;
  bool able_ = true;
};

// Those that are missing.
void make_folders(const fs::path& folder) {
  if (folder.empty() || fs::exists(folder)) return;
  make_folders(folder.parent_path());
  if (mkdir(folder.c_str(), 0700) != 0) cannot_write(folder, errno);
}

}  // namespace

ScoreFile::ScoreFile(const lab::User& user) : user_(user), path_(place(user)) {
  const AsUser as(user);
  if (path_.empty() || !as.able()) return;
  std::ifstream in(path_);
  if (!in) return;
  std::ostringstream text;
  text << in.rdbuf();
  try {
    scores_ = result::scores_from_json(text.str());
  } catch (const std::exception& error) {
    readable_ = false;
    complaint_ =
        path_ + " is not understood (" + error.what() + "); scores are not kept until it is gone";
  }
}

void ScoreFile::put(const result::LessonScore& score) {
  scores_.put(score);
  if (!readable_) return;
  if (path_.empty()) {
    complaint_ = "the score is not kept: nobody knows your home";
    return;
  }
  const AsUser as(user_);
  if (!as.able()) return;
  try {
    make_folders(fs::path(path_).parent_path());
    write_file(path_, to_json(scores_) + "\n", user_);
  } catch (const lab::Error& error) {
    complaint_ = "the score is not kept: " + error.what_failed +
                 (error.why.empty() ? "" : ": " + error.why.front());
  } catch (const std::exception& error) {
    complaint_ = std::string("the score is not kept: ") + error.what();
  }
}

}  // namespace vtlab::commands
