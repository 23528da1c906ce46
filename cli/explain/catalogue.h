// catalogue.h — what the program has as topics: what their own texts say, before texts/ adds to it. Internal to
// explain.
#pragma once

#include <vector>

#include "explain/topic.h"

namespace vtlab::explain {

/// Scenarios, modes, columns, probes, actions and claims, in this order.
std::vector<Topic> catalogue();

}  // namespace vtlab::explain
