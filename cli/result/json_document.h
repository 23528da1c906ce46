// json_document.h — a JSON document as it is read, piece by piece. Internal to result.
//
// The lists of whole numbers in an object "columns" may have millions of values. They become rows beside the tree, in which an
// empty binary value stands for them: its subtype is their place. All else is the tree of the library.
//
// Owns      the tree and the rows.
// Threads   One at a time.
#pragma once

#include <cstdint>
#include <functional>
#include <nlohmann/json.hpp>
#include <string_view>
#include <vector>

#include "result/observed_json.h"
#include "result/result_json.h"
#include "result/rows.h"

namespace vtlab::result {

// Keeps keys in the order of insertion: params are shown in the order in which they were given.
using Json = nlohmann::ordered_json;

using LongList = Rows<std::uint64_t>;
inline constexpr std::uint64_t kNull = UINT64_MAX;  ///< in a LongList: null

class JsonDocument {
 public:
  /// Errors: SchemaError.
  explicit JsonDocument(const Source& source);
  explicit JsonDocument(std::string_view text);

  const Json& tree() const { return tree_; }
  const std::vector<LongList>& long_lists() const { return long_lists_; }

 private:
  std::vector<LongList> long_lists_;  // first: filled while the tree is built
  Json tree_;
};

}  // namespace vtlab::result
