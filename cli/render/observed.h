// observed.h — one observation of any program, in each format.
//
// Rule      As in renderer.h: pure functions; nothing is wider than Options::width.
#pragma once

#include <string>

#include "render/renderer.h"
#include "result/carrier.h"
#include "result/observed.h"

namespace vtlab::render {

std::string observed_table(const result::Observed& observed, const Options& options);
/// Its counts with their rates since `before` (may be null), the tasks that have the CPUs, and its
/// tree, for a screen that is redrawn; at most `lines` lines.
std::string observed_screen(const result::Observed& observed, const result::Observed* before,
                            const std::vector<result::Carrier>& carriers, const Options& options,
                            std::size_t lines);
/// The rungs that would be used, and those that were refused.
std::string rungs_table(const std::vector<result::ProbeNote>& probes, const Options& options);
/// docs/vtlab.observe.schema.json
std::string observed_json(const result::Observed& observed, const Options&);
std::string observed_markdown(const result::Observed& observed, const Options& options);
/// Parts of it: the table of the counts, and the table of the processes.
std::string observed_counts_markdown(const result::Observed& observed);
std::string observed_tree_markdown(const result::Observed& observed);
std::string observed_csv(const result::Observed& observed, const Options&);
/// What was observed, for how long and how it ended; one line.
std::string observed_title(const result::Observed& observed);

}  // namespace vtlab::render
