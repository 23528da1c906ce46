#include "result/json_document.h"

#include <string>
#include <utility>

namespace vtlab::result {
namespace {

using Event = Json::parse_event_t;

// The characters of a source, for the parser.
class Characters {
 public:
  using iterator_category = std::input_iterator_tag;
  using value_type = char;
  using difference_type = std::ptrdiff_t;
  using pointer = const char*;
  using reference = const char&;

  Characters() = default;  // the end
  explicit Characters(const Source& source) : source_(&source) { next_piece(); }
  const char& operator*() const { return piece_.front(); }
  Characters& operator++() {
    piece_.remove_prefix(1);
    if (piece_.empty()) next_piece();
    return *this;
  }
  Characters operator++(int) {
    Characters before = *this;
    ++*this;
    return before;
  }
  friend bool operator==(const Characters& a, const Characters& b) {
    return a.source_ == b.source_;
  }
  friend bool operator!=(const Characters& a, const Characters& b) { return !(a == b); }

 private:
  void next_piece() {
    piece_ = (*source_)();
    if (piece_.empty()) source_ = nullptr;
  }

  const Source* source_ = nullptr;
  std::string_view piece_;
};

// Takes the long lists out of the tree while that is built; what it is asked about and refuses is not kept there.
class Sieve {
 public:
  explicit Sieve(std::vector<LongList>& to) : to_(to) {}

  bool keep(int depth, Event event, Json& value) {
    const auto level = static_cast<std::size_t>(depth);
    switch (event) {
      case Event::key:
        keys_.resize(level + 1);
        keys_[level] = value.get_ref<const std::string&>();
        return true;
      case Event::array_start:
        taking_ = !began_ && in_columns(level);
        if (taking_) begin(level);
        return true;
      case Event::object_start:
        taking_ = false;
        return true;
      case Event::value:
        return !(taking_ && take(value));
      case Event::array_end:
        if (began_ && level == level_) end(value);
        return true;
      case Event::object_end:
        return true;
    }
    return true;
  }

 private:
  // The key of the object that the list is in.
  bool in_columns(std::size_t level) const {
    return level >= 2 && keys_.size() > level - 1 && keys_[level - 1] == "columns";
  }

  void begin(std::size_t level) {
    began_ = true;
    level_ = level;
    now_.clear();
  }

  bool take(const Json& value) {
    taking_ = value.is_number_unsigned() || value.is_null();
    if (taking_) now_.push_back(value.is_null() ? kNull : value.get<std::uint64_t>());
    return taking_;
  }

  // With something else in it, it is a list like others: its reader says what is wrong with it.
  void end(Json& list) {
    began_ = false;
    if (taking_) {
      list = Json::binary({}, to_.size());
      now_.let_go();
      to_.push_back(std::exchange(now_, {}));
    } else if (!now_.empty()) {
      Json whole = Json::array();
      for (const std::uint64_t each : now_) whole.push_back(each == kNull ? Json() : Json(each));
      for (Json& each : list) whole.push_back(std::move(each));
      list = std::move(whole);
    }
    taking_ = false;
  }

  std::vector<LongList>& to_;
  std::vector<std::string> keys_;  // of the objects around, by depth
  LongList now_;
  std::size_t level_ = 0;
  bool began_ = false, taking_ = false;
};

Json parse(const Source& source, std::vector<LongList>& long_lists) {
  Sieve sieve(long_lists);
  try {
    return Json::parse(Characters(source), Characters(), [&](int depth, Event event, Json& value) {
      return sieve.keep(depth, event, value);
    });
  } catch (const Json::exception& error) {
    // "[json.exception.parse_error.101] parse error at line 1, column 2: …": the id is for
    // programmers.
    const std::string what = error.what();
    const std::size_t id_end = what.find("] ");
    throw SchemaError("not JSON: " +
                      (id_end == std::string::npos ? what : what.substr(id_end + 2)));
  }
}

}  // namespace

JsonDocument::JsonDocument(const Source& source) : tree_(parse(source, long_lists_)) {}

JsonDocument::JsonDocument(std::string_view text)
    : JsonDocument([&] { return std::exchange(text, {}); }) {}

}  // namespace vtlab::result
