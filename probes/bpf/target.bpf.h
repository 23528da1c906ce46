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
	return bpf_map_lookup_elem(&targets, &tgid);
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

/* Make the process tgid part of the tree. A tree that does not fit is counted as lost: a full map must not look
 * like "no children". */
static __always_inline struct vt_process *adopt(__u32 tgid)
{
	struct vt_process fresh = {};
	struct vt_process *known = process_of(tgid);

	if (known)
		return known;
	bpf_map_update_elem(&targets, &tgid, &fresh, BPF_NOEXIST);
	known = process_of(tgid);
	if (!known)
		bump(&lost, 0);
	return known;
}

/* What the current thread says it is doing; zeroes if it said nothing. */
static __always_inline struct vt_slot published(void)
{
	__u32 tid = current_tid();
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
 * nothing. One on its way out stays unknown, or it would come back after its end. */
static __always_inline struct vt_process *joined(void)
{
	struct vt_process fresh = { .alive = 1ULL << VT_NEVER_RETIRED_SHIFT };
	struct task_struct *task = (struct task_struct *)bpf_get_current_task();
	__u32 tgid = current_tgid();
	struct vt_event *event;

	if (tgid == observer_tgid || BPF_CORE_READ(task, flags) & (PF_KTHREAD | PF_EXITING))
		return 0;
	if (bpf_current_task_under_cgroup(&scope, 0) != 1)
		return 0;
	if (bpf_map_update_elem(&targets, &tgid, &fresh, BPF_NOEXIST) == 0) {
		event = begin_event(VT_EVENT_JOINED);
		if (event) {
			event->tid = current_tid();
			event->tgid = tgid;
			submit(event);
		}
	} else if (!process_of(tgid)) {
		bump(&lost, 0);
	}
	return process_of(tgid);
}

/* Everybody outside the observed tree pays this one lookup and returns. */
static __always_inline struct vt_process *observed(void)
{
	struct vt_process *known = process_of(current_tgid());

	return known || !follow_cgroup ? known : joined();
}

#endif
