// ledger_picture.h — the ledger of one scenario as a picture: which action made which task_structs, each a square.
//
// A filled square is a thread, which shares the address space of its creator; a hollow one with a thick edge is a
// process with one of its own; a striped one is a task of which nobody saw what it shares.
//
// Threads   Pure functions.
#pragma once

#include <string>
#include <vector>

#include "result/result.h"

namespace vtlab::render::html {

/// The squares, once per page: the pictures refer to them.
std::string picture_patterns();

/// One card for each mode, beside each other and to the same scale.
std::string ledger_picture(const std::vector<const result::Result*>& modes);

}  // namespace vtlab::render::html
