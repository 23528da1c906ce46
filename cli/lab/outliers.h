// outliers.h — why was one run so different from its like? What the machine did during that run says it, if
// anything does. Pure.
#pragma once

#include <span>
#include <string>

#include "lab/trial.h"

namespace vtlab::lab {

/// The likely cause with its numbers, of those that were watched and were not as in the other runs of the
/// trial; else that they were. `place`: of the run among `runs`. `cpus`: of the machine.
std::string likely_cause(std::span<const Run> runs, std::size_t place, bool higher,
                         std::uint32_t cpus);

/// What to say if the machine was busy with other things throughout; empty if it was not.
std::string why_all_is_noisy(std::span<const Run> runs, std::uint32_t cpus);

}  // namespace vtlab::lab
