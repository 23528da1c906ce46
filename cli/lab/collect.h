// collect.h — saved documents as one collection: what belongs together, how it differs, who stands apart. Pure.
#pragma once

#include <span>
#include <string>

#include "result/collection.h"
#include "result/observed_json.h"

namespace vtlab::lab {

/// One file that could be read.
struct SavedDocument {
  std::string name;  ///< short and unique among all
  std::string file;
  result::Document document;  ///< of `run`, `prove` or `observe`
};

/// The rest of the collection (left_out, merged) is for who read the files.
result::Collection collect(std::span<const SavedDocument> documents);

}  // namespace vtlab::lab
