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

static __always_inline void retire(struct vt_process *process, __u32 tgid)
{
	if (!process)
		return;
	__sync_fetch_and_add(&process->alive, -1);
	if (process->alive == 0)
		bpf_map_delete_elem(&targets, &tgid);
}

/* Interrupts are off here, and no other program counts switches: this needs no atomic operation. */
static __always_inline void count_switch(void)
{
	__u32 key = VT_switches;
	__u64 *value = bpf_map_lookup_elem(&counts, &key);

	if (value)
		*value += 1;
}

static __always_inline void stopped_running(struct vt_process *process, __u32 tid, __u32 tgid,
					    __u32 state)
{
	count_switch();
	if (record_creations)
		first_run_was_not_seen(tid);
	if (state & TASK_DEAD)
		retire(process, tgid);
}

SEC("?tp_btf/sched_switch")
int BPF_PROG(switches__tp_btf, bool preempt, struct task_struct *prev, struct task_struct *next)
{
	struct vt_task *stops, *starts;
	struct vt_process *process;

	if (record_creations)
		first_run(next->pid);
	if (!ring_length) {
		process = observed_as(prev->tgid);
		if (process)
			stopped_running(process, prev->pid, prev->tgid, state_of(prev));
		return 0;
	}
	stops = task_of(prev->pid);
	if (!remembered(stops, prev, true))
		stops = 0;
	starts = task_of(next->pid);
	if (starts && !starts->is)
		starts = 0;
	if (stops)
		stopped_running(process_of(prev->tgid), prev->pid, prev->tgid, state_of(prev));
	if (stops || starts)
		record_switch(prev, stops, next, starts);
	return 0;
}

SEC("?tp/sched/sched_switch")
int switches__tracepoint(struct trace_event_raw_sched_switch *ctx)
{
	struct vt_process *process;

	if (record_creations)
		first_run(ctx->next_pid);
	process = observed();
	if (process)
		stopped_running(process, current_tid(), current_tgid(),
				task_state((struct task_struct *)bpf_get_current_task()));
	return 0;
}
