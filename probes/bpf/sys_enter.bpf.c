/* sys_enter.bpf.c — which system call asks for a task, and with which flags?
 *
 * Attached only when creations are recorded or totals kept: it is passed by every system call of the machine. All
 * but four of them pay a comparison, and those four outside the observed tree one lookup. Unlike
 * kernel_clone it sees which of the four it was, and also requests that the kernel refuses before
 * it gets there. System calls of 32-bit programs have other numbers and are not looked at. Runs in
 * the asking thread.
 */
#include "creation.bpf.h"

static __always_inline int entered(long number, unsigned long first)
{
	__u32 call = call_of(number);
	struct clone_args_begin args = {};
	__u64 flags = 0;
	__u32 exit_signal = SIGCHLD;
	bool known = true;

	if (call == VT_CALL_NONE || !observed() ||
	    in_32_bit_call((struct task_struct *)bpf_get_current_task()))
		return 0;
	count(VT_sys_enter);
	if (call == VT_CALL_VFORK) {
		flags = CLONE_VM | CLONE_VFORK;
	} else if (call == VT_CALL_CLONE) {
		flags = (__u32)first & ~CSIGNAL;
		exit_signal = first & CSIGNAL;
	} else if (call == VT_CALL_CLONE3) {
		/* Cannot fault the page in: unknown if it is not there. */
		known = bpf_probe_read_user(&args, sizeof(args), (void *)first) == 0;
		flags = args.flags;
		exit_signal = args.exit_signal;
	}
	begin_attempt(call, flags, exit_signal, known);
	return 0;
}

SEC("?tp_btf/sys_enter")
int BPF_PROG(sys_enter__tp_btf, struct pt_regs *regs, long number)
{
	if (call_of(number) == VT_CALL_NONE)
		return 0;
	return entered(number, PT_REGS_PARM1_CORE_SYSCALL(regs));
}

SEC("?tp/raw_syscalls/sys_enter")
int sys_enter__tracepoint(struct trace_event_raw_sys_enter *ctx)
{
	return entered(ctx->id, BPF_CORE_READ(ctx, args[0]));
}
