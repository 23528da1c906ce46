/* sched_switch.bpf.c — who stopped running, and was it the last time? And which new task runs for
 * the first time?
 *
 * A tracepoint only: there is no function with this meaning. It runs before the CPU changes hands,
 * so "current" is the task that stops. Unlike exits it sees a dying task's very last switch, and
 * therefore also retires processes: a tgid leaves the tree when its last task has run its last,
 * before the number can be used again.
 */
#include "creation.bpf.h"

static __always_inline int stopped_running(void)
{
	struct vt_process *process = observed();
	struct vt_event *event;
	__u32 tgid, state;

	if (!process)
		return 0;
	count(VT_switches);
	if (record_creations)
		first_run_was_not_seen(current_tid());
	tgid = current_tgid();
	state = task_state((struct task_struct *)bpf_get_current_task());
	if (record_switches) {
		event = begin_event(VT_EVENT_SWITCHED);
		if (event) {
			event->tid = current_tid();
			event->tgid = tgid;
			event->state = state;
			submit(event);
		}
	}
	if (state & TASK_DEAD) {
		__sync_fetch_and_add(&process->alive, -1);
		if (process->alive == 0)
			bpf_map_delete_elem(&targets, &tgid);
	}
	return 0;
}

SEC("?tp_btf/sched_switch")
int BPF_PROG(switches__tp_btf, bool preempt, struct task_struct *prev, struct task_struct *next)
{
	if (record_creations)
		first_run(BPF_CORE_READ(next, pid));
	return stopped_running();
}

SEC("?tp/sched/sched_switch")
int switches__tracepoint(struct trace_event_raw_sched_switch *ctx)
{
	if (record_creations)
		first_run(BPF_CORE_READ(ctx, next_pid));
	return stopped_running();
}
