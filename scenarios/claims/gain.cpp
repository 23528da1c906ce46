// gain.cpp — where the gain comes from: waiting that does not hold an OS thread.
#include "scenarios/claims/claims.h"
#include "scenarios/claims/say.h"
#include "scenarios/mode.h"

namespace vtlab::claims {
namespace {

// What N waits of one delay take if only C can wait at a time.
std::uint64_t one_after_another(const Evidence& e) {
  return e.params.delay_ns * e.params.tasks / e.params.carriers;
}

// The two outcomes that the claim tells apart are far from each other if there are many more units
// than carriers; between them lies work that is not waiting (N requests cost CPU time), which
// proves nothing either way.
Check judge_blocking(const Evidence& e) {
  if (!e.kernel_tasks) return not_observed("the number of new kernel tasks");
  const std::uint64_t delay = e.params.delay_ns;
  const std::uint64_t queued = one_after_another(e);
  if (queued < 8 * delay)
    return {
        Verdict::not_testable_here,
        "with " + count(e.params.tasks, "unit") + " on " + count(e.params.carriers, "carrier") +
            " waiting together and waiting in turn take nearly the same time; ask for --tasks " +
            n(8 * std::uint64_t{e.params.carriers}) + " or more"};
  const std::string numbers = count(e.params.tasks, "wait") + " of " + milliseconds(delay) +
                              " took " + milliseconds(e.wall_ns) + " with " +
                              count(*e.kernel_tasks, "new kernel task") + " (in turn, " +
                              n(e.params.carriers) + " at a time: " + milliseconds(queued) + ")";
  if (*e.kernel_tasks > e.params.carriers || e.wall_ns >= queued / 2)
    return holds_if(false, numbers);
  if (e.wall_ns <= 2 * delay) return holds_if(true, numbers);
  return {Verdict::not_testable_here, numbers +
                                          ": starting and answering the units took longer than "
                                          "they waited; ask for a longer --delay"};
}

Check judge_blocking_pool(const Evidence& e) {
  const std::uint64_t queued = one_after_another(e);
  return holds_if(e.wall_ns >= queued / 10 * 8,
                  count(e.params.tasks, "wait") + " of " + milliseconds(e.params.delay_ns) +
                      " on " + count(e.params.carriers, "pool thread") + " took " +
                      milliseconds(e.wall_ns) + "; " + n(e.params.carriers) +
                      " at a time that is at least " + milliseconds(queued / 10 * 8));
}

}  // namespace

const Claim gain_blocking{"gain.blocking", "waiting does not hold an OS thread", judge_blocking,
                          [](const Mode& mode) { return mode.name == "virtual"; }};
const Claim gain_blocking_pool{"gain.blocking", "waiting in a pool holds the pool's threads",
                               judge_blocking_pool,
                               [](const Mode& mode) { return mode.name == "pool"; }};

}  // namespace vtlab::claims
