#include "commands/documents.h"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <sstream>
#include <stdexcept>

#include "commands/arguments.h"
#include "lab/error.h"
#include "recordings/recordings.h"
#include "render/words.h"

namespace vtlab::commands {
namespace {

[[noreturn]] void cannot_read(const std::string& word, int error) {
  std::vector<std::string> why{std::strerror(error)};
  // Who meant a recording typed no folder and no ending.
  if (error == ENOENT && word.find_first_of("./") == std::string::npos) {
    const std::vector<std::string> known = recording_names();
    why.push_back("and no recording has that name" + did_you_mean(word, known));
    why.push_back("there are: " + render::join(known, ", "));
  }
  throw lab::Error(lab::ExitCode::usage, "cannot read " + word, std::move(why));
}

}  // namespace

std::vector<std::string> recording_names() {
  std::vector<std::string> names;
  for (const recordings::Recording& one : recordings::all()) names.emplace_back(one.name);
  return names;
}

std::string document_text(const std::string& word) {
  errno = 0;
  std::ifstream in(word);
  std::ostringstream text;
  if (in && in.peek() != std::ifstream::traits_type::eof()) text << in.rdbuf();
  if (in.is_open() && !in.bad()) return std::move(text).str();
  const int error = errno;
  if (error == ENOENT)
    if (const recordings::Recording* recording = recordings::find(word))
      return std::string(recording->text);
  cannot_read(word, error);
}

result::Document load_document(const std::string& word) {
  return parse_document(word, document_text(word));
}

result::Document parse_document(const std::string& word, const std::string& text) {
  try {
    return result::read_document(text);
  } catch (const std::runtime_error& error) {
    throw lab::Error(lab::ExitCode::usage, word + " is not a vtlab result", {error.what()},
                     {"vtlab run … --format json -o run.json"});
  }
}

}  // namespace vtlab::commands
