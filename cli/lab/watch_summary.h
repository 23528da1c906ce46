// watch_summary.h — facts of one observation → the document that people and tools get. Pure.
#pragma once

#include "lab/watch.h"
#include "result/observed.h"

namespace vtlab::lab {

/// `tree`: null if the observer does not know it. Of the second form, the processes of the tree are left out: there
/// may be many.
result::Observed summarize(const WatchRequest& request, const Watched& watched,
                           const TaskTree* tree, const result::Host& host);
result::Observed summarize_counts(const WatchRequest& request, const Watched& watched,
                                  const TaskTree* tree, const result::Host& host);

}  // namespace vtlab::lab
