// compare_saved.h — saved runs as a comparison: what they have in common, what not, and what may be said in spite of
// that. Pure.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "result/comparison.h"

namespace vtlab::lab {

/// One file of `vtlab run`.
struct SavedRuns {
  std::string name;  ///< what a mode that is in several files is told apart by: "virtual@NAME"
  result::ResultSet results;
};

/// The names of what would be compared, in the order of the files.
std::vector<result::Contender> contenders_of(std::span<const SavedRuns> files);

/// `words`: which quantities (quantities.h). Errors: lab::Error (usage) if the files are of several scenarios, or
/// there is nothing to compare.
result::Comparison compare_saved(std::span<const SavedRuns> files, const std::string& baseline,
                                 std::span<const std::string> words);

}  // namespace vtlab::lab
