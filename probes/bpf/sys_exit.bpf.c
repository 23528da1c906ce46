/* sys_exit.bpf.c — what did the system call that asked for a task answer?
 *
 * Attached only when creations are recorded or totals kept, like sys_enter: every other system call of the machine
 * pays one lookup. A call that failed has made no task_struct, so its record ends here; that of one
 * that succeeded went on under the new task's tid. A new process comes out of "its" fork here too,
 * but never entered it. Runs in the asking thread.
 */
#include "creation.bpf.h"
#include "totals.bpf.h"

static __always_inline __u32 kind_asked(const struct vt_creation *attempt)
{
	if (!(attempt->known & VT_FLAGS_KNOWN))
		return VT_KIND_UNKNOWN;
	return attempt->flags & CLONE_THREAD ? VT_KIND_THREAD : VT_KIND_PROCESS;
}

static __always_inline int answered(long ret)
{
	struct vt_creation *attempt = attempt_of_current();
	__u32 tid = current_tid();

	if (!attempt)
		return 0;
	count(VT_sys_exit);
	if (is_error((void *)ret)) {
		attempt->error = -ret;
		if (keep_totals)
			total_attempt(attempt->call, kind_asked(attempt), attempt->error);
		if (record_creations)
			send_creation(attempt);
	}
	bpf_map_delete_elem(&attempts, &tid);
	return 0;
}

SEC("?tp_btf/sys_exit")
int BPF_PROG(sys_exit__tp_btf, struct pt_regs *regs, long ret)
{
	return answered(ret);
}

SEC("?tp/raw_syscalls/sys_exit")
int sys_exit__tracepoint(struct trace_event_raw_sys_exit *ctx)
{
	return answered(ctx->ret);
}
