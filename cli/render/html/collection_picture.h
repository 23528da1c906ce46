// collection_picture.h — many saved documents drawn: a dot for each of them, the median as a bar.
#pragma once

#include <string>

#include "result/collection.h"

namespace vtlab::render::html {

/// What the documents of a group measured, quantity by quantity. Merged: a bar for each mode, a dot for each document.
/// Else a bar for each document and mode. Empty if no quantity has a value. Pure.
std::string collection_picture(const result::Collection& collection,
                               const result::CollectedGroup& group);

}  // namespace vtlab::render::html
