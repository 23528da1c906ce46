// new_file.h — a file that appears under its name only when it is whole, and belongs to the user who asked.
//
// Owns      the descriptor, and the temporary file beside the name until it takes that name.
#pragma once

#include <string>
#include <string_view>

#include "lab/fd.h"
#include "lab/privileges.h"

namespace vtlab::commands {

class NewFile {
 public:
  /// Errors: lab::Error (machine_cannot) if it cannot be made.
  NewFile(const std::string& name, const lab::User& owner);
  ~NewFile();
  NewFile(const NewFile&) = delete;
  NewFile& operator=(const NewFile&) = delete;

  int fd() const { return fd_.get(); }
  bool take_its_name();  ///< false, with errno: it could not

 private:
  std::string name_,
      temporary_;  ///< no temporary: the name is not of a regular file (/dev/full, a pipe)
  lab::Fd fd_;
};

/// The error that a file cannot be written, with the system's reason.
[[noreturn]] void cannot_write(const std::string& file, int error, const std::string& but = {});

/// The whole of it. Errors: lab::Error (machine_cannot); nothing is then left at that name.
void write_file(const std::string& name, std::string_view text, const lab::User& owner);

}  // namespace vtlab::commands
