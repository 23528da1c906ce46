// values_of.h — everything that a lesson can name of a saved run (the names: docs/lessons/README.md).
#pragma once

#include <string>
#include <string_view>

#include "lessons/value.h"
#include "result/observed_json.h"

namespace vtlab::lessons {

Values values_of(const result::Document& document);

/// The same, each with the name of the run and a point before it; as they are if the name is empty.
Values prefixed(const Values& values, std::string_view run);

/// Without anything in it for a collection, which is of many hosts.
const result::Host& host_of(const result::Document& document);

}  // namespace vtlab::lessons
