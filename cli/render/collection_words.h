// collection_words.h — the sentences about a collection that its formats share. Internal to render.
//
// Rule      Every text is one line, ready to print.
#pragma once

#include <string>
#include <vector>

#include "result/collection.h"

namespace vtlab::render {

using Names = std::vector<std::string>;  ///< of the documents, by their places

Names names_of(const result::Collection& collection);

/// "4 saved documents, side by side"
std::string collection_title(const result::Collection& collection);

/// "kernel: 6.1.0 on 20, 6.12.3 on 4 (ann, bob, …)"; with many values their extremes.
std::string circumstance_sentence(const result::Circumstance& circumstance, const Names& names);

/// "blocking-io — 101 units, delay 100 ms"
std::string group_title(const result::CollectedGroup& group);
/// "platform: platform threads, 1:1"; empty for what `observe` saw.
std::string mode_title(const result::CollectedMode& mode);

/// Is there something to put side by side? Of the others alone_sentences() speaks.
bool is_shared(const result::CollectedGroup& group, const result::Collection& collection);
std::vector<std::string> alone_sentences(const result::Collection& collection, const Names& names);

/// A metric of which at least one document has a value is shown; of the others this says why not.
std::vector<std::string> missing_sentences(const result::CollectedMode& mode, const Names& names);

/// "1.04×" beside the first; empty if there is nothing to say.
std::string ratio_of(const result::CollectedValue& value);

/// What repetitions bear out: "b: wall time 1.10–1.24× slower than a".
std::vector<std::string> verdict_sentences(const result::CollectedMode& mode, const Names& names);

/// "wall time: bob 190 ms (mostly 105 ms)"
std::vector<std::string> apart_sentences(const result::CollectedMode& mode, const Names& names);

/// "holds on 23 of 24; refuted on bob (its reason)"
std::string claim_sentence(const result::CollectedClaim& claim, const Names& names);
/// ✓ if it holds wherever it could be tested, ✗ if it was refuted somewhere, ? if it could be tested nowhere.
result::Verdict verdict_of(const result::CollectedClaim& claim);

std::string value_text(const result::CollectedMetric& metric, double value);

/// How to read the numbers; empty if there are none.
std::string collection_legend(const result::Collection& collection);

}  // namespace vtlab::render
