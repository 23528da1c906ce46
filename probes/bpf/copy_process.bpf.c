/* copy_process.bpf.c — which task_struct was made, and what does it share with its creator?
 *
 * Unlike kernel_clone it is also passed by io_uring's workers, which nobody cloned; unlike wake_new
 * it is passed before the task can run. Rungs: the function's exit (its return value is the task),
 * and task_newtask, the last thing it does on success. No kretprobe: it loses returns when several
 * CPUs fork at once. Runs in the creator.
 */
#include "creation.bpf.h"

/* Of an observed creator. `me`: as bpf_get_current_pid_tgid() says. */
static __always_inline int made(__u64 me, __u32 child_tgid, bool shares_mm)
{
	struct vt_slot cause;
	struct vt_ledger *row;

	count(VT_copy_process);
	if (child_tgid != me >> 32) /* a thread is in its creator's process */
		adopt(child_tgid);
	cause = published(me);
	row = bpf_map_lookup_elem(&ledger, &cause.action);
	if (row && shares_mm)
		__sync_fetch_and_add(&row->sharing_mm, 1);
	return 0;
}

/* The evidence is the pointer itself: two task_structs with one object. A kernel that was built
 * without the field does not tell. */
#define SHARE(index, field)                                                                        \
	(bpf_core_field_exists(child->field)                                                       \
	     ? share(BPF_CORE_READ(child, field), BPF_CORE_READ(creator, field)) << (2 * (index))  \
	     : 0)

static __always_inline __u32 share(const void *of_child, const void *of_creator)
{
	if (!of_child)
		return VT_SHARE_NONE;
	return of_child == of_creator ? VT_SHARE_SHARED : VT_SHARE_OWN;
}

static __always_inline struct vt_creation *copied(__u32 tid, __u32 tgid, __u64 flags)
{
	struct vt_creation *birth = birth_of(tid, true);

	if (!birth)
		return 0;
	birth->copied_ns = bpf_ktime_get_ns();
	birth->head.tgid = tgid;
	if (!(birth->known & VT_FLAGS_KNOWN))
		birth->flags = flags;
	birth->known |= VT_FLAGS_KNOWN;
	return birth;
}

static __always_inline void look_at(struct vt_creation *birth, struct task_struct *child,
				    struct task_struct *creator)
{
	birth->sharing = SHARE(VT_MM, mm) | SHARE(VT_FILES, files) | SHARE(VT_FS, fs) |
			 SHARE(VT_SIGHAND, sighand) | SHARE(VT_SIGNAL, signal) |
			 SHARE(VT_NSPROXY, nsproxy) | SHARE(VT_IO, io_context) |
			 SHARE(VT_CGROUP, cgroups);
	birth->task_flags = BPF_CORE_READ(child, flags);
	birth->parent_tgid = BPF_CORE_READ(child, real_parent, tgid);
	birth->stack = (__u64)BPF_CORE_READ(child, stack);
	if (bpf_core_field_exists(child->stack_vm_area))
		birth->stack_pages = BPF_CORE_READ(child, stack_vm_area, nr_pages);
	birth->policy = BPF_CORE_READ(child, policy);
	birth->prio = BPF_CORE_READ(child, prio);
	birth->static_prio = BPF_CORE_READ(child, static_prio);
	birth->cpus_allowed = BPF_CORE_READ(child, nr_cpus_allowed);
	birth->known |= VT_TASK_KNOWN;
}

static __always_inline int made_task(struct task_struct *child, __u64 flags)
{
	__u64 me = bpf_get_current_pid_tgid();
	struct mm_struct *mm = child->mm;
	struct vt_creation *birth;

	if (!observed_as(me >> 32))
		return 0;
	if (record_creations) {
		birth = copied(child->pid, child->tgid, flags);
		if (birth)
			look_at(birth, child, (struct task_struct *)bpf_get_current_task());
	}
	return made(me, child->tgid, mm && mm == mm_of_current());
}

SEC("?fexit/copy_process")
int BPF_PROG(copy_process__fexit, struct pid *pid, int trace, int node,
	     struct kernel_clone_args *args, struct task_struct *child)
{
	return is_error(child) ? 0 : made_task(child, args->flags);
}

SEC("?tp_btf/task_newtask")
int BPF_PROG(copy_process__tp_btf, struct task_struct *child, unsigned long flags)
{
	return made_task(child, flags);
}

/* The classic record has no pointers; the flags that were asked say the same of the address space,
 * and of the rest nothing is said. */
SEC("?tp/task/task_newtask")
int copy_process__tracepoint(struct trace_event_raw_task_newtask *ctx)
{
	unsigned long flags = ctx->clone_flags;
	__u32 tid = ctx->pid;
	__u64 me = bpf_get_current_pid_tgid();
	__u32 tgid = flags & CLONE_THREAD ? me >> 32 : tid;

	if (!observed_as(me >> 32))
		return 0;
	if (record_creations)
		copied(tid, tgid, flags);
	return made(me, tgid, flags & CLONE_VM);
}
