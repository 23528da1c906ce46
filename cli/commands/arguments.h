// arguments.h — words of a command line as values, and help for those that are none.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lab/request.h"
#include "probes/rung.h"

namespace vtlab::commands {

/// "10007", "10k", "1M". Errors: lab::Error (usage) that names the option, if not a number from
/// least to most.
std::uint64_t parse_count(const std::string& option, const std::string& text, std::uint64_t least,
                          std::uint64_t most);

/// "100ms", "1.5s", "250us", at most 1000s; a bare number is milliseconds. Errors: lab::Error
/// (usage).
std::uint64_t parse_duration_ns(const std::string& option, const std::string& text,
                                std::uint64_t least = 0);

/// Of a table of pointers to things that have one.
template <typename Table>
std::vector<std::string> names(const Table& table) {
  std::vector<std::string> result;
  for (const auto* entry : table) result.emplace_back(entry->name);
  return result;
}

std::vector<std::string> split(std::string_view text, char separator);

/// "; did you mean 'virtual'?", or nothing if no known name is near.
std::string did_you_mean(const std::string& word, const std::vector<std::string>& known);

/// The Error (usage) for a name that does not exist: "unknown mode 'virtaul'; did you mean
/// 'virtual'?", and what there is. `type`: the command that shows more; may be empty.
[[noreturn]] void unknown_name(const std::string& kind, const std::string& word,
                               const std::vector<std::string>& known, const std::string& type = {});

/// --observer. Errors: lab::Error (usage).
lab::ObserverChoice parse_observer(const std::string& word);

std::vector<std::string> rung_names();
/// --rung; nothing if empty. Errors: lab::Error (usage).
std::optional<probes::Rung> parse_rung(const std::string& word);

/// --poller. Errors: lab::Error (usage).
Poller parse_poller(const std::string& word);

/// Quoted for a shell if it needs to be.
std::string shell_word(const std::string& word);

}  // namespace vtlab::commands
