// saved.h — several saved documents that somebody named: files, folders of them, recordings.
#pragma once

#include <string>
#include <vector>

#include "lab/collect.h"

namespace vtlab::commands {

/// "run.json" in any folder is "run"; if two files are called so, their whole paths tell them apart. Of the same number and
/// order, each of them once.
std::vector<std::string> short_names(const std::vector<std::string>& files);

/// Each folder becomes the .json files in it, by name. Errors: lab::Error (usage) if it has none, or cannot be read.
std::vector<std::string> with_folders(const std::vector<std::string>& words);

struct Saved {
  std::vector<lab::SavedDocument> documents;
  std::vector<result::LeftOut> left_out;  ///< also those that are the same document as one before
};

/// All of them. Errors: lab::Error (usage) that names every file which cannot be taken, unless these shall be left out;
/// and if none is left.
Saved load_all(const std::vector<std::string>& files, bool leave_out_bad);

}  // namespace vtlab::commands
