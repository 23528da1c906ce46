/* wire.h — what the BPF side and vtlab share. Fixed widths only; both sides see the same bytes.
 *
 * C++ includes it after <linux/types.h>, BPF after kernel_types.h. Numbers are append-only.
 */
#ifndef VT_WIRE_H
#define VT_WIRE_H

enum {
	VT_MAX_ACTIONS = 64,     /* actions a program can publish; 0 is "none published" */
	VT_MAX_PROCESSES = 65536 /* processes of one observed tree that are alive at once */
};

/* counters.def gives each counter its number. */
enum vt_counter {
#define VT_COUNTER(id, question, function_means, tracepoint_means) VT_##id,
#include "../counters.def"
#undef VT_COUNTER
	VT_COUNTERS
};

/* What a thread is about to do. The workload stores it into slots[tid] just before the action and clears it
 * after; the probe that sees the new task runs in that same thread and reads it. One aligned 8-byte store, so
 * it is never seen half-written. */
struct vt_slot {
	__u32 action;
	__u32 unit; /* unit number + 1; 0 if the action is for no unit */
};

/* Per action: kernel tasks, and how many of them use the very mm_struct of their creator. */
struct vt_ledger {
	__u64 kernel_tasks;
	__u64 sharing_mm;
};

/* One process of the observed tree. */
struct vt_process {
	__u64 alive; /* its tasks between wake_up_new_task and their last switch */
};

enum vt_event_kind {
	VT_EVENT_STARTED = 1, /* a new task was made runnable; runs in its creator */
	VT_EVENT_EXITED = 2,  /* a task began to exit */
	VT_EVENT_SWITCHED = 3, /* a task of the tree stopped running */
	VT_EVENT_KINDS = 4
};

struct vt_event {
	__u64 time_ns; /* CLOCK_MONOTONIC */
	__u32 kind;
	__u32 cpu;
	__u32 tid; /* the task that the event is about, and its process */
	__u32 tgid;
	__u32 by_tid; /* started: the creator. Else 0 */
	__u32 action; /* started: the creator's action and unit */
	__u32 unit;
	__u32 state; /* switched: task state, 0 = preempted while runnable */
};

#endif
