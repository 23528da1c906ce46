#include "scenarios/params.h"

#include <charconv>
#include <span>

namespace vtlab {
namespace {

template <typename Number>
bool read(std::string_view text, Number& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size();
}

constexpr std::string_view kOvers[] = {"socket", "pipe", "file"};
constexpr std::string_view kPins[] = {"synchronized", "native", "file"};

// The value of which that is the name.
template <typename Choice>
std::optional<Choice> find_in(std::span<const std::string_view> names, std::string_view word) {
  for (std::size_t i = 0; i < names.size(); ++i)
    if (names[i] == word) return static_cast<Choice>(i);
  return std::nullopt;
}

template <typename Choice>
bool take(const std::optional<Choice>& found, Choice& chosen) {
  chosen = found.value_or(chosen);
  return found.has_value();
}

}  // namespace

std::string_view name(Poller poller) {
  return poller == Poller::io_uring ? "io_uring" : "epoll";
}

std::optional<Poller> parse_poller(std::string_view word) {
  for (const Poller poller : {Poller::epoll, Poller::io_uring})
    if (word == name(poller)) return poller;
  return std::nullopt;
}

std::string_view name(Over over) {
  return kOvers[static_cast<std::size_t>(over)];
}

std::optional<Over> parse_over(std::string_view word) {
  return find_in<Over>(kOvers, word);
}

std::string_view name(Pin pin) {
  return kPins[static_cast<std::size_t>(pin)];
}

std::optional<Pin> parse_pin(std::string_view word) {
  return find_in<Pin>(kPins, word);
}

std::vector<std::string> to_words(const Params& p) {
  std::vector<std::string> words{
      "tasks=" + std::to_string(p.tasks),       "carriers=" + std::to_string(p.carriers),
      "delay_ns=" + std::to_string(p.delay_ns), "seed=" + std::to_string(p.seed),
      "poller=" + std::string(name(p.poller)),  "over=" + std::string(name(p.over))};
  if (p.event_log) words.push_back("event_log=" + std::to_string(p.event_log));
  if (p.pin != Pin::synchronized) words.push_back("pin=" + std::string(name(p.pin)));
  if (p.runtime_count) words.push_back("runtime_count=1");
  return words;
}

bool take_word(Params& p, std::string_view word) {
  const std::size_t equals = word.find('=');
  if (equals == std::string_view::npos) return false;
  const std::string_view key = word.substr(0, equals), value = word.substr(equals + 1);
  if (key == "tasks") return read(value, p.tasks);
  if (key == "carriers") return read(value, p.carriers);
  if (key == "delay_ns") return read(value, p.delay_ns);
  if (key == "seed") return read(value, p.seed);
  if (key == "event_log") return read(value, p.event_log);
  if (key == "runtime_count") return p.runtime_count = value == "1";
  if (key == "poller") return take(parse_poller(value), p.poller);
  if (key == "over") return take(parse_over(value), p.over);
  if (key == "pin") return take(parse_pin(value), p.pin);
  return false;
}

}  // namespace vtlab
