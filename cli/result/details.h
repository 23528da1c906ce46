// details.h — what is recorded only if it was asked for: one member per kind of record.
//
// Both documents have it, the one of `run` and the one of `observe`. To add a kind: its header with its
// plain values, a member here, and a line in details_json.cpp.
#pragma once

#include <optional>
#include <string>

#include "result/creation.h"
#include "result/creators.h"
#include "result/runtime_view.h"
#include "result/scheduling.h"
#include "result/syscalls.h"
#include "result/task_names.h"
#include "result/timeline.h"
#include "result/totals.h"

namespace vtlab::result {

/// Neither: it was not asked for.
template <class T>
struct Detail {
  std::optional<T> value;
  std::string missing_because;  ///< asked for and not to be had

  bool asked_for() const { return value || !missing_because.empty(); }
};

struct Details {
  // All of the run that the ledger is of.
  Detail<Creations> creations;
  Detail<Scheduling> scheduling;
  Detail<SystemCalls> syscalls;
  Detail<Creators> creators;
  Detail<TaskNames> task_names;  ///< of a mode of another runtime: always asked for
  Detail<RuntimeView> runtime;
  Detail<Timeline> timeline;
  Detail<Totals> totals;
};

}  // namespace vtlab::result
