#include "scenarios/params.h"

#include <charconv>

namespace vtlab {
namespace {

template <typename Number>
bool read(std::string_view text, Number& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size();
}

}  // namespace

std::vector<std::string> to_words(const Params& p) {
  return {"tasks=" + std::to_string(p.tasks), "carriers=" + std::to_string(p.carriers),
          "delay_ns=" + std::to_string(p.delay_ns), "seed=" + std::to_string(p.seed),
          std::string("poller=") + (p.poller == Poller::io_uring ? "io_uring" : "epoll")};
}

bool take_word(Params& p, std::string_view word) {
  const std::size_t equals = word.find('=');
  if (equals == std::string_view::npos) return false;
  const std::string_view key = word.substr(0, equals), value = word.substr(equals + 1);
  if (key == "tasks") return read(value, p.tasks);
  if (key == "carriers") return read(value, p.carriers);
  if (key == "delay_ns") return read(value, p.delay_ns);
  if (key == "seed") return read(value, p.seed);
  if (key == "poller") {
    p.poller = value == "io_uring" ? Poller::io_uring : Poller::epoll;
    return value == "io_uring" || value == "epoll";
  }
  return false;
}

}  // namespace vtlab
