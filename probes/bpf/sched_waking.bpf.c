/* sched_waking.bpf.c — who woke whom?
 *
 * Attached only when scheduling is recorded: it is passed by every wake-up of the machine. Unlike
 * sched_wakeup it runs in the waker, on the waker's CPU, also when another CPU finishes the job. A
 * tracepoint only, and a typed one: the classic record has no task_struct. New tasks do not come by
 * here (wake_new). Woken by an interrupt, "current" is whoever was interrupted.
 */
#include "scheduling.bpf.h"

SEC("?tp_btf/sched_waking")
int BPF_PROG(wakeups__tp_btf, struct task_struct *task)
{
	struct vt_task *wakee = task_of(task->pid);

	if (!remembered(wakee, task, false))
		return 0;
	count(VT_wakeups);
	wakee->waker = current_tid();
	if (wakee->wakes < 255)
		wakee->wakes++;
	return 0;
}
