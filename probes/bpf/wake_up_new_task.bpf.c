/* wake_up_new_task.bpf.c — which task was made runnable, and by which action? The ledger is kept
 * here.
 *
 * Unlike kernel_clone it cannot count a failed clone, and unlike task_newtask its tp_btf rung was
 * never seen to be skipped by the kernel. Function and twin (sched_wakeup_new) mean the same. Runs
 * in the creator, once per new task and before the task can run: so this is also where the tree is
 * followed from birth.
 */
#include "calls.bpf.h"
#include "creation.bpf.h"
#include "scheduling.bpf.h"
#include "stack.bpf.h"
#include "totals.bpf.h"

static __always_inline void woken(__u32 child_tid, __u32 child_tgid)
{
	struct vt_creation *birth = birth_of(child_tid, false);

	if (!birth)
		return;
	birth->head.tgid = child_tgid;
	birth->woken_ns = bpf_ktime_get_ns();
}

static __always_inline void total_birth(bool process)
{
	struct vt_creation *attempt = attempt_of_current();

	total_attempt(attempt ? attempt->call : VT_CALL_NONE, process ? VT_KIND_PROCESS : VT_KIND_THREAD,
		      0);
}

static __always_inline int made_runnable(void *ctx, __u32 child_tid, __u32 child_tgid,
					 __u32 stack_pages)
{
	__u64 me = bpf_get_current_pid_tgid();
	__u32 tid = me, tgid = me >> 32;
	struct vt_process *process = observed_as(tgid);
	struct vt_slot cause;
	struct vt_ledger *row;
	struct vt_event *event;

	if (!process) {
		if (ring_length)
			forget_old(child_tid);
		return 0;
	}
	count(VT_wake_new);
	if (child_tgid != tgid) /* a thread is in its creator's process */
		process = adopt(child_tgid);
	if (process)
		__sync_fetch_and_add(&process->alive, 1);
	cause = published(tid);
	row = bpf_map_lookup_elem(&ledger, &cause.action);
	if (row)
		__sync_fetch_and_add(&row->kernel_tasks, 1);
	if (record_calls)
		remember_maker(child_tid, cause.action);
	if (record_creations)
		woken(child_tid, child_tgid);
	if (keep_totals)
		total_birth(child_tgid != tgid);
	if (ring_length)
		remember_new(child_tid);
	if (record_stacks)
		take_stack(ctx, child_tid, child_tgid);
	event = begin_event(VT_EVENT_STARTED);
	if (!event)
		return 0;
	event->tid = child_tid;
	event->tgid = child_tgid;
	event->by_tid = tid;
	event->action = cause.action;
	event->unit = cause.unit;
	event->stack_pages = stack_pages;
	submit(event);
	return 0;
}

/* Only the records of scheduling tell it. Of a task that the verifier knows. */
static __always_inline __u32 stack_pages_of(struct task_struct *task)
{
	if (!ring_length || !bpf_core_field_exists(task->stack_vm_area))
		return 0;
	return task->stack_vm_area->nr_pages;
}

/* The same of any. */
static __always_inline __u32 read_stack_pages_of(struct task_struct *task)
{
	if (!ring_length || !bpf_core_field_exists(task->stack_vm_area))
		return 0;
	return BPF_CORE_READ(task, stack_vm_area, nr_pages);
}

SEC("?fentry/wake_up_new_task")
int BPF_PROG(wake_new__fentry, struct task_struct *child)
{
	return made_runnable(ctx, child->pid, child->tgid, stack_pages_of(child));
}

SEC("?kprobe/wake_up_new_task")
int BPF_KPROBE(wake_new__kprobe, struct task_struct *child)
{
	return made_runnable(ctx, BPF_CORE_READ(child, pid), BPF_CORE_READ(child, tgid),
			     read_stack_pages_of(child));
}

SEC("?tp_btf/sched_wakeup_new")
int BPF_PROG(wake_new__tp_btf, struct task_struct *child)
{
	return made_runnable(ctx, child->pid, child->tgid, stack_pages_of(child));
}

/* The classic record has only the tid. copy_process was passed a moment ago and adopted the child's
 * tgid, so a tid that is also a known tgid leads a new process; any other is a thread of the
 * creator's process. */
SEC("?tp/sched/sched_wakeup_new")
int wake_new__tracepoint(struct trace_event_raw_sched_wakeup_template *ctx)
{
	__u32 tid = ctx->pid;

	return made_runnable(ctx, tid, process_of(tid) ? tid : current_tgid(), 0);
}
