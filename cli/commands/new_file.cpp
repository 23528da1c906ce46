#include "commands/new_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <vector>

#include "lab/error.h"

namespace vtlab::commands {

void cannot_write(const std::string& file, int error, const std::string& but) {
  std::vector<std::string> why{std::strerror(error)};
  if (!but.empty()) why.push_back(but);
  throw lab::Error(lab::ExitCode::machine_cannot, "cannot write " + file, std::move(why));
}

NewFile::NewFile(const std::string& name, const lab::User& owner) : name_(name) {
  struct stat info {};
  if (stat(name_.c_str(), &info) == 0 && S_ISDIR(info.st_mode)) cannot_write(name_, EISDIR);
  // Not a regular file (/dev/full, a pipe): there is nothing to protect by a temporary file.
  const bool replaceable = stat(name_.c_str(), &info) != 0 || S_ISREG(info.st_mode);
  temporary_ = replaceable ? name_ + ".XXXXXX" : "";
  fd_ = lab::Fd(replaceable ? mkostemp(temporary_.data(), O_CLOEXEC)
                            : open(name_.c_str(), O_WRONLY | O_CLOEXEC));
  if (!fd_) {
    const int error = errno;
    temporary_.clear();
    cannot_write(name_, error);
  }
  if (replaceable) {
    lab::give_to(owner, fd_.get());
    const mode_t mask = umask(0);
    umask(mask);
    fchmod(fd_.get(), 0666 & ~mask);
  }
}

NewFile::~NewFile() {
  if (!temporary_.empty()) unlink(temporary_.c_str());
}

bool NewFile::take_its_name() {
  if (temporary_.empty()) return true;
  if (fsync(fd_.get()) != 0 || std::rename(temporary_.c_str(), name_.c_str()) != 0) return false;
  temporary_.clear();
  return true;
}

void write_file(const std::string& name, std::string_view text, const lab::User& owner) {
  NewFile file(name, owner);
  if (!lab::write_all(file.fd(), text) || !file.take_its_name())
    cannot_write(name, errno, "nothing was left at that name");
}

}  // namespace vtlab::commands
