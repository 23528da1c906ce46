/* sched_process_exit.bpf.c — which task ended?
 *
 * Passed by threads and processes alike, in the dying task. Also clears its slot, so that the next
 * owner of the tid does not inherit an action.
 */
#include "calls.bpf.h"

/* The task's last name; where, see wire.h. */
static __always_inline void name(struct vt_event *event, struct task_struct *known)
{
	const __u64 *comm;

	if (!known) {
		bpf_get_current_comm(&event->by_tid, sizeof(known->comm));
		return;
	}
	comm = (const __u64 *)__builtin_preserve_access_index(&known->comm);
	((__u64 *)&event->by_tid)[0] = comm[0];
	((__u64 *)&event->by_tid)[1] = comm[1];
}

/* `known`: the task, if the verifier knows it; 0: ask helpers for its name. */
static __always_inline int began_to_exit(__u32 tid, __u32 tgid, struct task_struct *known)
{
	struct vt_event *event;
	struct vt_slot *slot;

	if (!observed_as(tgid))
		return 0;
	count(VT_exits);
	if (record_calls)
		caller_ended();
	slot = bpf_map_lookup_elem(&slots, &tid);
	if (slot)
		slot->action = slot->unit = 0;
	event = begin_event(VT_EVENT_EXITED);
	if (!event)
		return 0;
	event->tid = tid;
	event->tgid = tgid;
	name(event, known);
	submit(event);
	return 0;
}

SEC("?tp_btf/sched_process_exit")
int BPF_PROG(exits__tp_btf, struct task_struct *task)
{
	return began_to_exit(task->pid, task->tgid, task);
}

SEC("?tp/sched/sched_process_exit")
int exits__tracepoint(void *ctx)
{
	return began_to_exit(current_tid(), current_tgid(), 0);
}
