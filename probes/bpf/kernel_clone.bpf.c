/* kernel_clone.bpf.c — who asked the kernel for a task?
 *
 * The function is entered for fork, vfork, clone and clone3 alike, also for requests that then fail
 * and for fork's restarts after a signal. Its twin sched_process_fork is passed only by requests
 * that succeeded, so the rung is part of what a count means (counters.def). Runs in the asking
 * thread.
 */
#include "target.bpf.h"

static __always_inline int asked(void)
{
	if (observed())
		count(VT_kernel_clone);
	return 0;
}

SEC("?fentry/kernel_clone")
int BPF_PROG(kernel_clone__fentry)
{
	return asked();
}

SEC("?kprobe/kernel_clone")
int BPF_KPROBE(kernel_clone__kprobe)
{
	return asked();
}

SEC("?tp_btf/sched_process_fork")
int BPF_PROG(kernel_clone__tp_btf, struct task_struct *parent, struct task_struct *child)
{
	return asked();
}

SEC("?tp/sched/sched_process_fork")
int kernel_clone__tracepoint(void *ctx)
{
	return asked();
}
