// json_tools.h — what the writers and readers of JSON have in common. Internal to result.
//
// Rule      What is absent in the model is absent in the document; every complaint of a reader names
//           its place.
#pragma once

#include <charconv>
#include <cmath>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "result/json_document.h"

namespace vtlab::result {

template <class T, class F>
Json list(const std::vector<T>& items, F write) {
  Json out = Json::array();
  for (const T& item : items) out.push_back(write(item));
  return out;
}

template <class T>
inline void put_if(Json& out, const char* key, const std::optional<T>& value) {
  if (value) out[key] = *value;
}

inline void put_if(Json& out, const char* key, const std::string& text) {
  if (!text.empty()) out[key] = text;
}

// Whole numbers are written without ".0" as far as a double holds them exactly.
inline Json number(double value) {
  constexpr double kExact = 9007199254740992.0;  // 2^53
  if (value == std::trunc(value) && std::abs(value) <= kExact)
    return static_cast<std::int64_t>(value);
  return value;
}

// The word of an enumerator, and back, by a table of both.
template <class Enum, std::size_t N>
std::string_view word_of(const std::pair<Enum, std::string_view> (&words)[N], Enum value) {
  for (const auto& [known, word] : words)
    if (known == value) return word;
  return {};
}

// An address does not fit into a double, which is what many readers of JSON make of a number.
inline std::string hex(std::uint64_t value) {
  char digits[16];
  const auto end = std::to_chars(digits, digits + sizeof(digits), value, 16).ptr;
  return "0x" + std::string(digits, end);
}

// One value of the document together with the way to it, so that every complaint can name its
// place.
class Node {
 public:
  explicit Node(const JsonDocument& document) : Node(document.tree(), "", document.long_lists()) {}

  [[noreturn]] void fail(const std::string& complaint) const {
    throw SchemaError((path_.empty() ? std::string("the document") : path_) + ": " + complaint);
  }

  void expect_object() const {
    if (!json_.is_object()) fail_type("an object");
  }

  bool is_text() const { return json_.is_string(); }
  bool has(const char* key) const { return json_.contains(key); }

  Node at(const std::string& key) const {
    const auto found = json_.find(key);
    if (found == json_.end()) fail("the key \"" + key + "\" is missing");
    return inner(*found, path_.empty() ? key : path_ + "." + key);
  }

  std::string text() const {
    if (!json_.is_string()) fail_type("a string");
    return json_.get<std::string>();
  }

  std::uint64_t whole() const {
    if (!json_.is_number_unsigned()) fail_type("a whole number that is not negative");
    return json_.get<std::uint64_t>();
  }

  double real() const {
    if (!json_.is_number()) fail_type("a number");
    return json_.get<double>();
  }

  bool flag() const {
    if (!json_.is_boolean()) fail_type("true or false");
    return json_.get<bool>();
  }

  std::variant<std::uint64_t, std::string> whole_or_text() const {
    if (json_.is_string()) return text();
    if (json_.is_number_unsigned()) return whole();
    fail_type("a string or a whole number that is not negative");
  }

  std::int64_t integer() const {
    if (!json_.is_number_integer()) fail_type("a whole number");
    return json_.get<std::int64_t>();
  }

  std::uint64_t address() const {
    const std::string word = text();
    std::uint64_t value = 0;
    const char* end = word.data() + word.size();
    if (!word.starts_with("0x") || word.size() == 2 ||
        std::from_chars(word.data() + 2, end, value, 16).ptr != end)
      fail_type("an address such as 0xffff");
    return value;
  }

  std::string text(const char* key) const { return at(key).text(); }
  std::uint64_t whole(const char* key) const { return at(key).whole(); }
  bool flag(const char* key) const { return at(key).flag(); }

  std::string text_if(const char* key) const { return has(key) ? text(key) : std::string(); }
  std::optional<std::uint64_t> whole_if(const char* key) const {
    return has(key) ? std::optional(whole(key)) : std::nullopt;
  }
  std::optional<double> real_if(const char* key) const {
    return has(key) ? std::optional(at(key).real()) : std::nullopt;
  }

  // The reason for an absent value: there exactly when the value is not.
  std::string reason_unless(const char* value, const char* reason) const {
    if (has(value) == has(reason))
      fail(std::string("expected either \"") + value + "\" or \"" + reason + "\", found " +
           (has(value) ? "both" : "neither"));
    return text_if(reason);
  }

  template <class F>
  auto list(const char* key, F read) const {
    const Node node = at(key);
    if (node.json_.is_binary()) node.fail("expected a list of words, found numbers");
    if (!node.json_.is_array()) node.fail_type("a list");
    std::vector<decltype(read(node))> out;
    for (std::size_t i = 0; i < node.json_.size(); ++i)
      out.push_back(read(inner(node.json_[i], node.path_ + "[" + std::to_string(i) + "]")));
    return out;
  }

  // The numbers of a list in an object "columns".
  const LongList& long_list(const char* key) const {
    const Node node = at(key);
    if (node.json_.is_binary()) return lists_[node.json_.get_binary().subtype()];
    if (!node.json_.is_array()) node.fail_type("a list");
    std::size_t place = 0;
    while (node.json_[place].is_number_unsigned() || node.json_[place].is_null()) ++place;
    inner(node.json_[place], node.path_ + "[" + std::to_string(place) + "]")
        .fail_type("a whole number that is not negative, or null");
  }

  template <class F>
  auto list_if(const char* key, F read) const {
    return has(key) ? list(key, read) : decltype(list(key, read)){};
  }

  template <class F>
  auto members(const char* key, F read) const {
    const Node node = at(key);
    node.expect_object();
    std::vector<decltype(read(std::string(), node))> out;
    for (const auto& [name, value] : node.json_.items())
      out.push_back(read(name, inner(value, node.path_ + "." + name)));
    return out;
  }

 private:
  Node(const Json& json, std::string path, const std::vector<LongList>& lists)
      : json_(json), path_(std::move(path)), lists_(lists) {}
  Node inner(const Json& json, std::string path) const { return {json, std::move(path), lists_}; }

  [[noreturn]] void fail_type(const std::string& expected) const {
    std::string found = json_.dump(-1, ' ', false, Json::error_handler_t::replace);
    if (found.size() > 40) found = std::string("a longer ") + json_.type_name();
    fail("expected " + expected + ", found " + found);
  }

  const Json& json_;
  std::string path_;
  const std::vector<LongList>& lists_;
};

template <class Enum, std::size_t N>
Enum read_word(const Node& in, const std::pair<Enum, std::string_view> (&words)[N]) {
  const std::string found = in.text();
  std::string known;
  for (std::size_t i = 0; i < N; ++i) {
    if (words[i].second == found) return words[i].first;
    known += (i == 0 ? "" : i + 1 == N ? " or " : ", ") + std::string(words[i].second);
  }
  in.fail("expected " + known + ", found \"" + found + "\"");
}

}  // namespace vtlab::result
