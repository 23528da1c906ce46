/* target.bpf.h — is this task part of the observed tree, and how a count or an event is kept. */
#ifndef VT_TARGET_BPF_H
#define VT_TARGET_BPF_H

#include "maps.bpf.h"

static __always_inline __u32 current_tgid(void)
{
	return bpf_get_current_pid_tgid() >> 32;
}

static __always_inline __u32 current_tid(void)
{
	return (__u32)bpf_get_current_pid_tgid();
}

static __always_inline struct vt_process *process_of(__u32 tgid)
{
	struct vt_process *process = bpf_map_lookup_elem(&targets, &tgid);

	return process && process->alive ? process : 0;
}

/* Per-CPU values are not contended, but a program can be preempted by another one on its CPU: hence atomic. */
static __always_inline void bump(void *map, __u32 key)
{
	__u64 *value = bpf_map_lookup_elem(map, &key);

	if (value)
		__sync_fetch_and_add(value, 1);
}

static __always_inline void count(enum vt_counter counter)
{
	bump(&counts, counter);
}

/* Make the process tgid part of the tree. One with a number that was not possible when observing began (pid_max) is
 * counted as lost: it must not look like "no children". */
static __always_inline struct vt_process *adopt(__u32 tgid)
{
	struct vt_process *process = bpf_map_lookup_elem(&targets, &tgid);

	if (!process)
		bump(&lost, 0);
	else if (!process->alive)
		process->alive = VT_IN_TREE;
	return process;
}

/* What the thread says it is doing; zeroes if it said nothing. */
static __always_inline struct vt_slot published(__u32 tid)
{
	struct vt_slot nothing = {};
	struct vt_slot *slot = bpf_map_lookup_elem(&slots, &tid);

	return slot && slot->action < VT_MAX_ACTIONS ? *slot : nothing;
}

/* Room for an event, or 0 and one more lost. The reader polls, so nobody is woken (BPF_RB_NO_WAKEUP at submit):
 * a wake-up per event costs 30 times as much and can feed on itself when reader and target share a CPU. */
static __always_inline struct vt_event *begin_event(enum vt_event_kind kind)
{
	struct vt_event *event = bpf_ringbuf_reserve(&events, sizeof(*event), 0);

	if (!event) {
		bump(&lost, kind);
		return 0;
	}
	__builtin_memset(event, 0, sizeof(*event));
	event->time_ns = bpf_ktime_get_ns();
	event->kind = kind;
	event->cpu = bpf_get_smp_processor_id();
	return event;
}

static __always_inline void submit(struct vt_event *event)
{
	bpf_ringbuf_submit(event, BPF_RB_NO_WAKEUP);
}

/* More tasks than a process can have: it leaves the tree when vtlab says so. */
enum { VT_NEVER_RETIRED_SHIFT = 32 };

/* A process of the observed control group of which nobody knew: it was moved there, or was there already and did
 * nothing. One on its way out stays unknown, or it would come back after its end. Two of its threads at once say it
 * twice. */
static __always_inline struct vt_process *joined(void)
{
	struct task_struct *task = (struct task_struct *)bpf_get_current_task();
	__u32 tgid = current_tgid();
	struct vt_process *process;
	struct vt_event *event;

	if (tgid == observer_tgid || BPF_CORE_READ(task, flags) & (PF_KTHREAD | PF_EXITING))
		return 0;
	if (bpf_current_task_under_cgroup(&scope, 0) != 1)
		return 0;
	process = adopt(tgid);
	if (!process)
		return 0;
	__sync_fetch_and_add(&process->alive, 1ull << VT_NEVER_RETIRED_SHIFT);
	event = begin_event(VT_EVENT_JOINED);
	if (event) {
		event->tid = current_tid();
		event->tgid = tgid;
		submit(event);
	}
	return process;
}

/* Of the current process. Everybody outside the observed tree pays this one load and returns. */
static __always_inline struct vt_process *observed_as(__u32 tgid)
{
	struct vt_process *known = process_of(tgid);

	return known || !follow_cgroup ? known : joined();
}

static __always_inline struct vt_process *observed(void)
{
	return observed_as(current_tgid());
}

#endif
