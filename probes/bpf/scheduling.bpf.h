/* scheduling.bpf.h — the record of one switch: who gave the CPU to whom, and how the next task came there.
 *
 * A wake-up costs no record of its own: sched_waking leaves the waker in tasks[tid], and the switch to that task takes
 * it along. That loses nothing: a task can be woken again only after it has run. Since when a task is runnable, the
 * kernel itself notes (sched_info), in the clock of the run queue; that clock is read here too, because it was brought
 * up to date a moment ago, and asking for the time would cost as much as all the rest.
 *
 * Interrupts are off in sched_switch, so each CPU's ring has one writer at a time, which needs no lock.
 */
#ifndef VT_SCHEDULING_BPF_H
#define VT_SCHEDULING_BPF_H

#include "target.bpf.h"

#define CLOCK_LOOK_NS 1000000 /* how often a CPU looks how far the clocks are apart */

static __always_inline struct vt_task *task_of(__u32 tid)
{
	return bpf_map_lookup_elem(&tasks, &tid);
}

/* A new task of the tree; runs in its creator, before it can run. */
static __always_inline void remember_new(__u32 tid)
{
	struct vt_task *task = task_of(tid);
	struct vt_task fresh = {.waker = current_tid(), .is = VT_TASK_OBSERVED | VT_TASK_NEW};

	if (task)
		*task = fresh;
}

/* A new task of nobody's. Its tid may be one of ours that never had a last switch: who calls exec and is not the first
 * thread gets the tid of that one, and its own becomes free. */
static __always_inline void forget_old(__u32 tid)
{
	struct vt_task *task = task_of(tid);

	if (task)
		task->is = 0;
}

/* Is the task in the tree? One that vtlab attached to is remembered when it is first woken, or first stops. */
static __always_inline bool remembered(struct vt_task *task, struct task_struct *of, bool stopping)
{
	if (!task)
		return false;
	if (task->is)
		return true;
	if (!of->pid || !(stopping ? observed() : process_of(of->tgid)))
		return false;
	task->nvcsw = of->nvcsw - (stopping && state_of(of) != 0);
	task->wakes = 0;
	task->is = VT_TASK_OBSERVED | (stopping ? VT_TASK_RUNS : 0);
	return true;
}

/* Room for one switch in the ring of this CPU, or 0 and one more lost. */
static __always_inline struct vt_switch *begin_switch(struct vt_ring *ring, __u32 cpu, __u64 now)
{
	__u32 place = cpu * ring_length + (ring->head & (ring_length - 1));
	struct vt_switch *record = bpf_map_lookup_elem(&ring_switches, &place);

	if (record && ring->head - ring->tail < ring_length) {
		record->time = now;
		record->cpu = cpu;
		return record;
	}
	if (!ring->lost)
		ring->first_lost = now;
	ring->last_lost = now;
	ring->lost++;
	return 0;
}

static __always_inline void end_switch(struct vt_ring *ring)
{
	barrier();
	ring->head++;
}

static __always_inline __u8 now_runs(struct vt_switch *record, __u32 tid, struct vt_task *task)
{
	__u8 how = task->is & VT_TASK_NEW ? VT_NEXT_NEW : 0;

	if (record) {
		record->next = tid;
		record->waker = task->waker;
		record->wakes = task->wakes;
	}
	task->is = VT_TASK_OBSERVED | VT_TASK_RUNS;
	task->wakes = 0;
	return how;
}

/* Some kernels do not show every switch; the task says itself since when it has the CPU. */
static __always_inline void record_missed(struct vt_ring *ring, __u32 cpu, struct task_struct *prev,
					  struct vt_task *stops)
{
	__u64 since = arrived_at(prev);
	struct vt_switch *record = begin_switch(ring, cpu, since);
	__u8 how = now_runs(record, prev->pid, stops);

	if (!record)
		return;
	record->prev = 0;
	record->queued = 0;
	record->how = how;
	end_switch(ring);
}

static __always_inline __u8 now_stopped(struct task_struct *prev, struct vt_task *stops)
{
	__u32 state = state_of(prev);
	__u8 how = state & VT_PREV_STATE;

	if ((__u16)prev->nvcsw != stops->nvcsw)
		how |= VT_PREV_VOLUNTARY;
	stops->nvcsw = prev->nvcsw;
	stops->is = VT_TASK_OBSERVED;
	if (state & TASK_DEAD) {
		how |= VT_PREV_DEAD;
		stops->is = 0;
	}
	return how;
}

/* `stops`, `starts`: of tasks in the tree, else 0; not both 0. */
static __always_inline void record_switch(struct task_struct *prev, struct vt_task *stops,
					  struct task_struct *next, struct vt_task *starts)
{
	__u32 cpu = bpf_get_smp_processor_id();
	struct vt_ring *ring = bpf_map_lookup_elem(&rings, &cpu);
	__u64 now = queue_clock(next);
	struct vt_switch *record;
	__u8 how = 0;

	if (!ring)
		return;
	if (stops && !(stops->is & VT_TASK_RUNS))
		record_missed(ring, cpu, prev, stops);
	record = begin_switch(ring, cpu, now);
	if (stops)
		how = now_stopped(prev, stops);
	if (record) {
		record->prev = stops ? prev->pid : 0;
		record->next = record->waker = record->wakes = 0;
		record->queued = starts ? queued_since(next) : 0;
	}
	if (starts)
		how |= now_runs(record, next->pid, starts);
	if (!record)
		return;
	record->how = how;
	if (ring->offset_at == 0 || now - ring->offset_at > CLOCK_LOOK_NS) {
		ring->clock_offset = bpf_ktime_get_ns() - now;
		ring->offset_at = now;
	}
	end_switch(ring);
}

#endif
