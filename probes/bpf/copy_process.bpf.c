/* copy_process.bpf.c — which task_struct was made, and does it share its creator's address space?
 *
 * Unlike kernel_clone it is also passed by io_uring's workers, which nobody cloned; unlike wake_new
 * it is passed before the task can run. Rungs: the function's exit (its return value is the task),
 * and task_newtask, the last thing it does on success. No kretprobe: it loses returns when several
 * CPUs fork at once. Runs in the creator.
 */
#include "target.bpf.h"

static __always_inline int made(__u32 child_tgid, bool shares_mm)
{
	struct vt_slot cause;
	struct vt_ledger *row;

	if (!observed())
		return 0;
	count(VT_copy_process);
	adopt(child_tgid);
	cause = published();
	row = bpf_map_lookup_elem(&ledger, &cause.action);
	if (row && shares_mm)
		__sync_fetch_and_add(&row->sharing_mm, 1);
	return 0;
}

/* The evidence is the pointer itself: two task_structs with one mm_struct. */
static __always_inline int made_task(struct task_struct *child)
{
	struct task_struct *creator = (struct task_struct *)bpf_get_current_task();
	struct mm_struct *mm = BPF_CORE_READ(child, mm);

	return made(BPF_CORE_READ(child, tgid), mm && mm == BPF_CORE_READ(creator, mm));
}

SEC("?fexit/copy_process")
int BPF_PROG(copy_process__fexit, struct pid *pid, int trace, int node,
	     struct kernel_clone_args *args, struct task_struct *child)
{
	return is_error(child) ? 0 : made_task(child);
}

SEC("?tp_btf/task_newtask")
int BPF_PROG(copy_process__tp_btf, struct task_struct *child)
{
	return made_task(child);
}

/* The classic record has no pointers; the flags that were asked say the same. */
SEC("?tp/task/task_newtask")
int copy_process__tracepoint(struct trace_event_raw_task_newtask *ctx)
{
	unsigned long flags = BPF_CORE_READ(ctx, clone_flags);
	bool is_thread = flags & CLONE_THREAD;

	return made(is_thread ? current_tgid() : (__u32)BPF_CORE_READ(ctx, pid), flags & CLONE_VM);
}
