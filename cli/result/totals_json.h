// totals_json.h — totals as JSON. Internal to result.
#pragma once

#include "result/json_tools.h"
#include "result/totals.h"

namespace vtlab::result {

Json write(const Totals& totals);
Totals read_totals(const Node& in);

}  // namespace vtlab::result
