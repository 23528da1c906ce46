/* sched_switch.bpf.c — who stopped running, and was it the last time? And which new task runs for
 * the first time?
 *
 * A tracepoint only: there is no function with this meaning. It runs before the CPU changes hands,
 * so "current" is the task that stops. Unlike exits it sees a dying task's very last switch, and
 * therefore also retires processes: a tgid leaves the tree when its last task has run its last,
 * before the number can be used again.
 */
#include "creation.bpf.h"
#include "scheduling.bpf.h"
#include "totals.bpf.h"

/* Interrupts are off here, and no other program counts switches: this needs no atomic operation. */
static __always_inline void count_switch(void)
{
	__u32 key = VT_switches;
	__u64 *value = bpf_map_lookup_elem(&counts, &key);

	if (value)
		*value += 1;
}

/* A task of the tree stops. */
static __always_inline void stopped_running(__u32 tid, __u32 tgid, bool dead)
{
	struct vt_process *process;

	count_switch();
	if (record_creations)
		first_run_was_not_seen(tid);
	if (!dead)
		return;
	process = process_of(tgid);
	if (!process)
		return;
	__sync_fetch_and_add(&process->alive, -1);
	if (process->alive == VT_IN_TREE)
		process->alive = 0;
}

SEC("?tp_btf/sched_switch")
int BPF_PROG(switches__tp_btf, bool preempt, struct task_struct *prev, struct task_struct *next)
{
	struct vt_task *stops = 0, *starts = 0;
	bool observed_stops;

	if (record_creations)
		first_run(next->pid);
	if (ring_length) {
		stops = task_of(prev->pid);
		starts = task_of(next->pid);
		if (starts && !starts->is)
			starts = 0;
		observed_stops = remembered(stops, prev, true);
	} else {
		observed_stops = observed_as(prev->tgid);
	}
	if (keep_totals)
		total_switch(prev, observed_stops, next, preempt);
	if (observed_stops)
		stopped_running(prev->pid, prev->tgid, state_of(prev) & TASK_DEAD);
	if (ring_length && (observed_stops || starts))
		record_switch(prev, observed_stops ? stops : 0, next, starts);
	return 0;
}

SEC("?tp/sched/sched_switch")
int switches__tracepoint(struct trace_event_raw_sched_switch *ctx)
{
	if (record_creations)
		first_run(ctx->next_pid);
	if (observed())
		stopped_running(current_tid(), current_tgid(),
				task_state((struct task_struct *)bpf_get_current_task()) & TASK_DEAD);
	return 0;
}
