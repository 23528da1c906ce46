#include "commands/documents.h"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <sstream>
#include <stdexcept>

#include "lab/error.h"

namespace vtlab::commands {

result::Document load_document(const std::string& file) {
  std::ifstream in(file);
  std::ostringstream text;
  if (in && in.peek() != std::ifstream::traits_type::eof()) text << in.rdbuf();
  if (!in.is_open() || in.bad())
    throw lab::Error(lab::ExitCode::usage, "cannot read " + file, {std::strerror(errno)});
  try {
    return result::read_document(text.str());
  } catch (const std::runtime_error& error) {
    throw lab::Error(lab::ExitCode::usage, file + " is not a vtlab result", {error.what()},
                     {"vtlab run … --format json -o run.json"});
  }
}

}  // namespace vtlab::commands
