/* kernel_clone.bpf.c — who asked the kernel for a task?
 *
 * The function is entered for fork, vfork, clone and clone3 alike, also for requests that then fail
 * and for fork's restarts after a signal. Its twin sched_process_fork is passed only by requests
 * that succeeded, so the rung is part of what a count means (counters.def). Runs in the asking
 * thread.
 */
#include "creation.bpf.h"

static __always_inline int asked(void)
{
	struct vt_creation *attempt;

	if (!observed())
		return 0;
	count(VT_kernel_clone);
	if (record_creations) {
		attempt = attempt_of_current();
		if (attempt)
			attempt->entered_ns = bpf_ktime_get_ns();
	}
	return 0;
}

static __always_inline int has_its_copy(__u32 creator_tgid, __u32 child_tid)
{
	struct vt_creation *birth;

	if (!observed_as(creator_tgid))
		return 0;
	count(VT_kernel_clone);
	if (record_creations) {
		birth = birth_of(child_tid, false);
		if (birth)
			birth->forked_ns = bpf_ktime_get_ns();
	}
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
	return has_its_copy(parent->tgid, child->pid);
}

SEC("?tp/sched/sched_process_fork")
int kernel_clone__tracepoint(struct trace_event_raw_sched_process_fork *ctx)
{
	return has_its_copy(current_tgid(), ctx->child_pid);
}
