/* calls.bpf.c — which system calls are made?
 *
 * Attached only when calls are recorded. Unlike sys_enter, on the same hook, it sees all of them and keeps no record of
 * single ones: what a call was and when it began waits here for returns. Every system call of the machine outside the
 * observed tree pays one lookup. Runs in the calling thread.
 */
#include "calls.bpf.h"

static __always_inline struct vt_caller *entered(long number)
{
	struct task_struct *task = (struct task_struct *)bpf_get_current_task();
	struct vt_slot slot;
	struct vt_caller *call;

	if (!observed())
		return 0;
	count(VT_calls);
	call = caller();
	if (!call)
		call = new_caller();
	if (!call)
		return 0;
	slot = published(current_tid());
	call->number = number;
	call->flags = in_32_bit_call(task) ? VT_CALL_32_BIT : 0;
	call->during = slot.action;
	call->waits = BPF_CORE_READ(task, nvcsw);
	call->entered_ns = bpf_ktime_get_ns();
	return call;
}

SEC("?tp_btf/sys_enter")
int BPF_PROG(calls__tp_btf, struct pt_regs *regs, long number)
{
	struct vt_caller *call = entered(number);

	if (!call)
		return 0;
	call->args[0] = PT_REGS_PARM1_SYSCALL(regs);
	call->args[1] = PT_REGS_PARM2_SYSCALL(regs);
	call->args[2] = PT_REGS_PARM3_SYSCALL(regs);
	call->args[3] = PT_REGS_PARM4_SYSCALL(regs);
	call->args[4] = PT_REGS_PARM5_SYSCALL(regs);
	return 0;
}

SEC("?tp/raw_syscalls/sys_enter")
int calls__tracepoint(struct trace_event_raw_sys_enter *ctx)
{
	struct vt_caller *call = entered(ctx->id);

	if (!call)
		return 0;
	call->args[0] = ctx->args[0];
	call->args[1] = ctx->args[1];
	call->args[2] = ctx->args[2];
	call->args[3] = ctx->args[3];
	call->args[4] = ctx->args[4];
	return 0;
}
