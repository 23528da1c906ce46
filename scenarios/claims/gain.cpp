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

std::string numbers(const Evidence& e, std::string_view threads) {
  return count(e.params.tasks, "wait") + " of " + milliseconds(e.params.delay_ns) + " on " +
         count(e.params.carriers, threads) + ": up to " + n(*e.most_waiting) + " at once, all in " +
         milliseconds(e.wall_ns) + " (" + n(e.params.carriers) +
         " at a time: " + milliseconds(one_after_another(e)) + ")";
}

// Judged by a count, that of requests which the server held unanswered at the same moment: a time would
// refute the claim on a machine that is merely busy (docs/decisions/0009-gain-blocking.md).
Check judge_blocking(const Evidence& e) {
  if (!e.kernel_tasks) return not_observed("the number of new kernel tasks");
  if (!e.most_waiting) return not_observed("how many units waited at once");
  const std::uint64_t carriers = e.params.carriers, clearly_more = 8 * carriers;
  if (e.params.tasks < clearly_more)
    return {Verdict::not_testable_here,
            "with " + count(e.params.tasks, "unit") + " on " + count(carriers, "carrier") +
                " there is little to tell apart; ask for --tasks " + n(clearly_more) + " or more"};
  const std::string seen =
      numbers(e, "carrier") + ", with " + count(*e.kernel_tasks, "new kernel task");
  if (*e.kernel_tasks > carriers || *e.most_waiting <= carriers) return holds_if(false, seen);
  if (*e.most_waiting >= clearly_more) return holds_if(true, seen);
  return {Verdict::not_testable_here,
          seen + ": answers came before many could wait; ask for a longer --delay"};
}

// A pool's units wait in turn: never more at once than it has threads, and not sooner than in turn.
Check judge_blocking_pool(const Evidence& e) {
  if (!e.most_waiting) return not_observed("how many units waited at once");
  return holds_if(
      *e.most_waiting <= e.params.carriers && e.wall_ns >= one_after_another(e) / 10 * 8,
      numbers(e, "pool thread"));
}

}  // namespace

const Claim gain_blocking{"gain.blocking", "waiting does not hold an OS thread", judge_blocking,
                          [](const Mode& mode) { return mode.name == "virtual"; }};
const Claim gain_blocking_pool{"gain.blocking", "waiting in a pool holds the pool's threads",
                               judge_blocking_pool,
                               [](const Mode& mode) { return mode.name == "pool"; }};

}  // namespace vtlab::claims
