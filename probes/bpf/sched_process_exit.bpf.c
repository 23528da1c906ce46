/* sched_process_exit.bpf.c — which task ended?
 *
 * Passed by threads and processes alike, in the dying task. Also clears its slot, so that the next
 * owner of the tid does not inherit an action.
 */
#include "calls.bpf.h"

static __always_inline int began_to_exit(void)
{
	struct vt_event *event;
	struct vt_slot *slot;
	__u32 tid = current_tid();

	if (!observed())
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
	event->tgid = current_tgid();
	bpf_get_current_comm(&event->by_tid, 4 * sizeof(__u32)); /* its last name; see wire.h */
	submit(event);
	return 0;
}

SEC("?tp_btf/sched_process_exit")
int BPF_PROG(exits__tp_btf)
{
	return began_to_exit();
}

SEC("?tp/sched/sched_process_exit")
int exits__tracepoint(void *ctx)
{
	return began_to_exit();
}
