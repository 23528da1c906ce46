// comparison_words.h — the sentences about a comparison that table and markdown share. Internal to render.
//
// Rule      Every text is one line, ready to print.
#pragma once

#include <string>
#include <vector>

#include "result/comparison.h"

namespace vtlab::render {

/// "blocking-io — 1,009 units, 2 carriers, delay 100 ms, 10 rounds after 1 that does not count, seed 1"
std::string comparison_title(const result::Comparison& comparison);

/// "virtual is 3.1–3.4× faster than platform", "no difference can be shown between …". Empty for the baseline
/// and where there is nothing to compare.
std::string verdict_sentence(const result::Comparison& comparison, const result::Quantity& quantity,
                             const result::Estimate& estimate);

/// The same in a cell below the contender's name: "3.1–3.4× faster", "no difference shown".
std::string verdict_in_short(const result::Quantity& quantity, const result::Against& against);

/// A value of the quantity; every digit if it was counted.
std::string value_of(const result::Quantity& quantity, double value);
/// The interval of the median; of few values the lowest and the highest, in brackets.
/// Empty if it reads as the median does.
std::string interval_of(const result::Quantity& quantity, const result::Estimate& estimate);

/// "virtual: each further unit adds 3.10–3.42 µs; ten times the units make it 1.3×"
std::string growth_sentence(const result::Quantity& quantity, const result::Growth& growth);

/// "platform stops before 100,000 units: kernel.pid_max is …"
std::string stop_sentence(const result::Stop& stop);

/// Each run that stands apart in something, once, with its likely cause.
std::vector<std::string> outlier_sentences(const result::Comparison& comparison);

/// Why estimates are absent, each reason once with the names that it is about.
std::vector<std::string> missing_sentences(const result::Quantity& quantity);

/// How to read the numbers.
std::string comparison_legend(const result::Comparison& comparison);

}  // namespace vtlab::render
