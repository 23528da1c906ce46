// exist.cpp — what exists in the kernel: which units have a task_struct of their own.
#include "scenarios/claims/claims.h"
#include "scenarios/claims/say.h"
#include "scenarios/mode.h"

namespace vtlab::claims {
namespace {

bool always(const Mode&) {
  return true;
}

// K tasks, all by `action`, as many as units were asked for; `sharing` of them with the creator's
// mm.
Check one_task_per_unit(const Evidence& e, Action action, std::string_view noun, bool shares_mm) {
  const auto by_action = caused_by(e, action);
  if (!e.kernel_tasks || !by_action) return not_observed("the number of new kernel tasks");
  if (!e.sharing_mm) return not_observed("which tasks share an address space");
  const std::uint64_t units = e.params.tasks;
  const std::uint64_t sharing = shares_mm ? units : 0;
  const bool exact = *e.kernel_tasks == units && *by_action == units;
  return holds_if(exact && *e.sharing_mm == sharing,
                  count(units, noun) + ": " + (exact ? "exactly " : "") +
                      count(*e.kernel_tasks, "new kernel task") + ", " + n(*by_action) +
                      " of them by '" + std::string(text(action).title) + "', " + n(*e.sharing_mm) +
                      " sharing the creator's address space");
}

Check judge_platform(const Evidence& e) {
  return one_task_per_unit(e, Action::start_platform_thread, "platform thread", true);
}

Check judge_process(const Evidence& e) {
  const Check check = one_task_per_unit(e, Action::fork, "fork", false);
  return check;
}

// The bound that units in Runtime::blocking raise.
std::string stand_ins(const Evidence& e, std::string_view noun) {
  return e.spares ? " and up to " + count(e.spares, "more " + std::string(noun)) +
                        " for units in blocking calls"
                  : "";
}

// Tasks that the kernel makes by itself where io_uring is the poller: its workers, for transfers of files that are
// not in memory. No action of ours is published then.
std::uint64_t helpers(const Evidence& e) {
  return e.params.poller == Poller::io_uring ? caused_by(e, Action::none).value_or(0) : 0;
}

std::string say_helpers(const Evidence& e) {
  return helpers(e) ? ", " + n(helpers(e)) + " by the kernel itself for io_uring" : "";
}

Check judge_virtual(const Evidence& e) {
  const auto by_units = caused_by(e, Action::start_virtual_thread);
  const auto by_carriers = caused_by(e, Action::start_carrier);
  if (!e.kernel_tasks || !by_units || !by_carriers)
    return not_observed("the number of new kernel tasks");
  const bool holds = *by_units == 0 && *by_carriers + helpers(e) == *e.kernel_tasks &&
                     *by_carriers <= e.params.carriers + e.spares && e.units_done == e.params.tasks;
  return holds_if(holds, count(e.units_done, "virtual thread") + ": " +
                             count(*by_units, "new kernel task") + " by 'start virtual thread'; " +
                             count(*e.kernel_tasks, "new kernel task") + " in all, " +
                             n(*by_carriers) + " by 'start carrier' (" +
                             count(e.params.carriers, "carrier") + " asked" +
                             stand_ins(e, "carrier") + ")" + say_helpers(e));
}

// No new task, and every unit began and ended on the thread that there was.
Check only_the_first_thread(const Evidence& e, std::string_view noun) {
  if (!e.kernel_tasks) return not_observed("the number of new kernel tasks");
  if (!e.unit_tids) return not_observed("the thread that the units ran on");
  const bool holds = *e.kernel_tasks == 0 && e.only_on_main && e.units_done == e.params.tasks;
  return holds_if(holds, count(e.units_done, noun) + ": " +
                             count(*e.kernel_tasks, "new kernel task") + "; units ran on " +
                             count(*e.unit_tids, "kernel task") +
                             (e.only_on_main ? ", the one the process started with" : ""));
}

Check judge_green(const Evidence& e) {
  return only_the_first_thread(e, "green thread");
}

Check judge_event_loop(const Evidence& e) {
  return only_the_first_thread(e, "unit");
}

Check judge_pool(const Evidence& e) {
  const auto by_pool = caused_by(e, Action::start_pool_thread);
  if (!e.kernel_tasks || !by_pool) return not_observed("the number of new kernel tasks");
  const bool exact = *e.kernel_tasks == e.params.carriers && *by_pool == *e.kernel_tasks;
  return holds_if(exact, count(e.params.tasks, "job") + " in a pool of " +
                             count(e.params.carriers, "thread") + ": " +
                             count(*e.kernel_tasks, "new kernel task") + ", " + n(*by_pool) +
                             " by 'start pool thread'");
}

// How many Ms there are is up to the scheduler: one per P that is busy, one in the poller, one per system
// call that lasts (only announced ones are handed off). None of these grows with the number of Gs, so what counts is that no G made one.
Check judge_gmp(const Evidence& e) {
  const auto by_units = caused_by(e, Action::start_g);
  const auto by_ms = caused_by(e, Action::start_m);
  const auto by_sysmon = caused_by(e, Action::start_sysmon);
  if (!e.kernel_tasks || !by_units || !by_ms || !by_sysmon)
    return not_observed("the number of new kernel tasks");
  const std::uint64_t most_ms = 2 * std::uint64_t{e.params.carriers} + 2 + e.spares;
  const bool holds = *by_units == 0 && *by_sysmon == 1 && *by_ms >= 1 && *by_ms <= most_ms &&
                     *by_ms + *by_sysmon + helpers(e) == *e.kernel_tasks &&
                     e.units_done == e.params.tasks;
  return holds_if(holds, count(e.units_done, "G") + ": " + count(*by_units, "new kernel task") +
                             " by 'start G'; " + count(*e.kernel_tasks, "new kernel task") +
                             " in all, " + n(*by_ms) + " by 'start M' (" +
                             count(e.params.carriers, "P") + stand_ins(e, "M") + "), " +
                             n(*by_sysmon) + " by 'start sysmon'" + say_helpers(e));
}

Check judge_monitor(const Evidence& e) {
  if (!e.procfs_threads) return not_observed("`Threads:` in procfs while the units waited");
  const std::uint64_t bound = e.params.carriers + 1;
  if (e.params.tasks <= 10 * bound)
    return {Verdict::not_testable_here, "with " + count(e.params.tasks, "unit") + " on " +
                                            count(e.params.carriers, "carrier") +
                                            " there is little to tell apart; ask for --tasks " +
                                            n(10 * bound + 1) + " or more"};
  return holds_if(*e.procfs_threads <= bound,
                  "while " + count(e.params.tasks, "virtual thread") +
                      " waited, procfs showed at most " + count(*e.procfs_threads, "thread") +
                      " (main and " + count(e.params.carriers, "carrier") + ")");
}

}  // namespace

const Claim exist_platform{"exist.platform", "each platform thread is one task_struct",
                           judge_platform, always};
const Claim exist_process{"exist.process", "each fork is one task_struct with an mm of its own",
                          judge_process, always};
const Claim exist_virtual{"exist.virtual", "a virtual thread has no task_struct", judge_virtual,
                          always};
const Claim exist_green{"exist.green", "green threads: the kernel sees one process with one thread",
                        judge_green, always};
const Claim exist_pool{"exist.pool",
                       "a pool asks for its threads once, however many jobs there are", judge_pool,
                       always};
const Claim exist_gmp{"exist.gmp", "a G has no task_struct: the kernel sees Ms and sysmon",
                      judge_gmp, always};
const Claim exist_event_loop{"exist.event-loop",
                             "callbacks need no thread but the one that calls them",
                             judge_event_loop, always};
const Claim exist_monitor{"exist.monitor",
                          "OS-level monitoring sees fewer threads than there are virtual threads",
                          judge_monitor, [](const Mode& mode) { return mode.name == "virtual"; }};

}  // namespace vtlab::claims
