#include "commands/arguments.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <numeric>
#include <optional>

#include "lab/error.h"

namespace vtlab::commands {
namespace {

[[noreturn]] void bad_value(const std::string& option, const std::string& text,
                            const std::string& wanted) {
  throw lab::Error(lab::ExitCode::usage, option + " cannot be '" + text + "'", {wanted});
}

// Levenshtein's distance, with letters that changed places as one edit.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::vector<std::size_t>> d(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
  for (std::size_t i = 0; i <= a.size(); ++i) d[i][0] = i;
  for (std::size_t j = 0; j <= b.size(); ++j) d[0][j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    for (std::size_t j = 1; j <= b.size(); ++j) {
      d[i][j] =
          std::min({d[i - 1][j] + 1, d[i][j - 1] + 1, d[i - 1][j - 1] + (a[i - 1] != b[j - 1])});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        d[i][j] = std::min(d[i][j], d[i - 2][j - 2] + 1);
    }
  }
  return d[a.size()][b.size()];
}

}  // namespace

std::uint64_t parse_count(const std::string& option, const std::string& text, std::uint64_t least,
                          std::uint64_t most) {
  const std::string wanted = "a number from " + std::to_string(least) + " to " +
                             std::to_string(most) + ", such as 1009, 10k or 1M";
  std::uint64_t value = 0;
  const char* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, value);
  const std::string suffix(rest, end);
  const std::uint64_t factor = suffix.empty()  ? 1
                               : suffix == "k" ? 1'000
                               : suffix == "M" ? 1'000'000
                                               : 0;
  if (error != std::errc{} || factor == 0 || value > most / factor || value * factor < least)
    bad_value(option, text, wanted);
  return value * factor;
}

std::uint64_t parse_duration_ns(const std::string& option, const std::string& text,
                                std::uint64_t least) {
  const std::string wanted = "a time up to 1000s, such as 100ms, 1.5s or 250us";
  double value = 0;
  const char* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, value);
  const std::string unit(rest, end);
  const double factor = unit.empty() || unit == "ms"   ? 1e6
                        : unit == "s"                  ? 1e9
                        : unit == "us" || unit == "µs" ? 1e3
                        : unit == "ns"                 ? 1
                                                       : 0;
  const double ns = value * factor;
  if (error != std::errc{} || factor == 0 || !std::isfinite(ns) ||
      ns < static_cast<double>(least) || ns > 1000e9)
    bad_value(option, text, wanted);
  return static_cast<std::uint64_t>(std::llround(ns));
}

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> parts;
  for (;;) {
    const auto end = text.find(separator);
    parts.emplace_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

std::string did_you_mean(const std::string& word, const std::vector<std::string>& known) {
  const auto nearest = std::min_element(
      known.begin(), known.end(),
      [&](const auto& a, const auto& b) { return distance(word, a) < distance(word, b); });
  const bool near = nearest != known.end() &&
                    distance(word, *nearest) <= std::max<std::size_t>(2, word.size() / 3);
  return near ? "; did you mean '" + *nearest + "'?" : "";
}

void unknown_name(const std::string& kind, const std::string& word,
                  const std::vector<std::string>& known, const std::string& type) {
  std::string list = "there are: ";
  for (const std::string& name : known) list += (&name == &known.front() ? "" : ", ") + name;
  throw lab::Error(lab::ExitCode::usage,
                   "unknown " + kind + " '" + word + "'" + did_you_mean(word, known), {list},
                   type.empty() ? std::vector<std::string>{} : std::vector<std::string>{type});
}

lab::ObserverChoice parse_observer(const std::string& word) {
  if (word == "auto") return lab::ObserverChoice::automatic;
  if (word == "ebpf") return lab::ObserverChoice::ebpf;
  if (word == "ptrace") return lab::ObserverChoice::ptrace;
  unknown_name("observer", word, {"auto", "ebpf", "ptrace"});
}

std::vector<std::string> rung_names() {
  std::vector<std::string> known;
  for (const probes::Rung rung : probes::kRungs) known.emplace_back(name(rung));
  return known;
}

std::optional<probes::Rung> parse_rung(const std::string& word) {
  if (word.empty()) return std::nullopt;
  if (const auto rung = probes::parse_rung(word)) return rung;
  unknown_name("rung", word, rung_names());
}

Poller parse_poller(const std::string& word) {
  if (const auto poller = vtlab::parse_poller(word)) return *poller;
  unknown_name("poller", word,
               {std::string(name(Poller::epoll)), std::string(name(Poller::io_uring))});
}

std::string shell_word(const std::string& word) {
  const bool plain = !word.empty() && std::all_of(word.begin(), word.end(), [](unsigned char c) {
    return std::isalnum(c) ||
           std::string_view("-_=,./:+@%").find(static_cast<char>(c)) != std::string_view::npos;
  });
  if (plain) return word;
  std::string quoted = "'";
  for (const char c : word) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return quoted + "'";
}

}  // namespace vtlab::commands
