// observed_tree.h — the processes of an observation as rows: siblings of one name are one row. Internal to render.
//
// Threads   Plain values and one pure function.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "result/observed.h"

namespace vtlab::render {

struct TreeRow {
  std::size_t depth = 0;
  std::string name;   ///< one line
  std::string which;  ///< "(1234)", or "×12" for many
  std::uint64_t threads = 0, processes = 0, alive = 0;
};

struct Tree {
  std::vector<TreeRow> rows;  ///< parents before children
  std::uint64_t hidden = 0;   ///< processes that are in no row
};

Tree make_tree(const result::Observed& observed, std::size_t most_rows);

}  // namespace vtlab::render
