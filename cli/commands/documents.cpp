#include "commands/documents.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <stdexcept>
#include <string_view>
#include <utility>

#include "commands/arguments.h"
#include "lab/error.h"
#include "lab/fd.h"
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

// A file, or the recording of that name, from its beginning to its end.
class Pieces {
 public:
  explicit Pieces(const std::string& word)
      : word_(word), fd_(open(word.c_str(), O_RDONLY | O_CLOEXEC)) {
    const int error = errno;
    if (fd_.get() >= 0) return;
    const recordings::Recording* recording = error == ENOENT ? recordings::find(word) : nullptr;
    if (!recording) cannot_read(word, error);
    recording_ = recording->text;
  }

  std::string_view next() {
    if (fd_.get() < 0) return std::exchange(recording_, {});
    buffer_.resize(64 << 10);
    ssize_t n;
    do n = ::read(fd_.get(), buffer_.data(), buffer_.size());
    while (n < 0 && errno == EINTR);
    if (n < 0) cannot_read(word_, errno);
    return {buffer_.data(), static_cast<std::size_t>(n)};
  }

 private:
  const std::string word_;
  lab::Fd fd_;
  std::string_view recording_;
  std::string buffer_;
};

template <class F>
result::Document read(const std::string& word, F reader) {
  try {
    return reader();
  } catch (const std::runtime_error& error) {
    throw lab::Error(lab::ExitCode::usage, word + " is not a vtlab result", {error.what()},
                     {"vtlab run … --format json -o run.json"});
  }
}

}  // namespace

std::vector<std::string> recording_names() {
  std::vector<std::string> names;
  for (const recordings::Recording& one : recordings::all()) names.emplace_back(one.name);
  return names;
}

std::string document_text(const std::string& word) {
  std::string text;
  Pieces pieces(word);
  for (std::string_view piece = pieces.next(); !piece.empty(); piece = pieces.next()) text += piece;
  return text;
}

result::Document load_document(const std::string& word) {
  Pieces pieces(word);
  return read(word, [&] { return result::read_document([&] { return pieces.next(); }); });
}

result::Document parse_document(const std::string& word, const std::string& text) {
  return read(word, [&] { return result::read_document(text); });
}

}  // namespace vtlab::commands
