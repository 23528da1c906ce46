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

static __always_inline int stopped_running(void)
{
	struct vt_process *process = observed();

	if (!process)
		return 0;
	count(VT_switches);
	if (record_creations)
		first_run_was_not_seen(current_tid());
	if (task_state((struct task_struct *)bpf_get_current_task()) & TASK_DEAD)
		retire(process, current_tgid());
	return 0;
}

SEC("?tp_btf/sched_switch")
int BPF_PROG(switches__tp_btf, bool preempt, struct task_struct *prev, struct task_struct *next)
{
	struct vt_task *stops, *starts;

	if (record_creations)
		first_run(next->pid);
	if (!ring_length)
		return stopped_running();
	stops = task_of(prev->pid);
	if (!remembered(stops, prev, true))
		stops = 0;
	starts = task_of(next->pid);
	if (starts && !starts->is)
		starts = 0;
	if (stops) {
		count(VT_switches);
		if (record_creations)
			first_run_was_not_seen(prev->pid);
		if (state_of(prev) & TASK_DEAD)
			retire(process_of(prev->tgid), prev->tgid);
	}
	if (stops || starts)
		record_switch(prev, stops, next, starts);
	return 0;
}

SEC("?tp/sched/sched_switch")
int switches__tracepoint(struct trace_event_raw_sched_switch *ctx)
{
	if (record_creations)
		first_run(BPF_CORE_READ(ctx, next_pid));
	return stopped_running();
}
