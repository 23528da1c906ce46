/* calls.bpf.h — the system call that a task is in, and the row that it is added to.
 *
 * Everything happens in the calling task. Rows are per CPU: the hooks run with preemption off, so nobody else writes
 * to a row meanwhile; plain stores would do, and the additions are atomic only so as not to depend on it.
 */
#ifndef VT_CALLS_BPF_H
#define VT_CALLS_BPF_H

#include "calls_maps.bpf.h"
#include "target.bpf.h"

static __always_inline struct vt_caller *caller(void)
{
	__u64 self = bpf_get_current_task();

	return bpf_map_lookup_elem(&callers, &self);
}

/* The action that made a new task is known to its creator only; the task itself asks for it at its first call. Runs in
 * the creator. */
static __always_inline void remember_maker(__u32 child_tid, __u32 action)
{
	if (action != 0)
		bpf_map_update_elem(&makers, &child_tid, &action, BPF_ANY);
}

static __always_inline struct vt_caller *new_caller(void)
{
	__u64 self = bpf_get_current_task();
	struct vt_caller fresh = {};
	__u32 tid = current_tid();
	__u32 *maker = bpf_map_lookup_elem(&makers, &tid);

	if (maker) {
		fresh.by = *maker;
		bpf_map_delete_elem(&makers, &tid);
	}
	if (bpf_map_update_elem(&callers, &self, &fresh, BPF_ANY) != 0)
		bump(&lost_calls, VT_LOST_CALLER);
	return bpf_map_lookup_elem(&callers, &self);
}

static __always_inline struct vt_call_key key_of(const struct vt_caller *call)
{
	struct vt_call_key key = {};

	key.number = call->number;
	key.flags = call->flags;
	key.by = call->by;
	key.during = call->during;
	if (calls_by_name)
		bpf_get_current_comm(key.name, sizeof(key.name));
	return key;
}

static __always_inline struct vt_call_row *row_of(const struct vt_call_key *key)
{
	struct vt_call_row *row = bpf_map_lookup_elem(&call_rows, key);
	struct vt_call_row *zeroes;
	__u32 only = 0;

	if (row)
		return row;
	zeroes = bpf_map_lookup_elem(&fresh_row, &only);
	if (!zeroes)
		return 0;
	/* Refused if another CPU was first (then it is there), or if the map is full. */
	bpf_map_update_elem(&call_rows, key, zeroes, BPF_NOEXIST);
	row = bpf_map_lookup_elem(&call_rows, key);
	if (!row)
		bump(&lost_calls, VT_LOST_CALL_ROW);
	return row;
}

/* The task ends, perhaps in a call that does not return. */
static __always_inline void caller_ended(void)
{
	struct vt_caller *call = caller();
	__u64 self = bpf_get_current_task();
	__u32 tid = current_tid();
	struct vt_call_key key;
	struct vt_call_row *row;

	bpf_map_delete_elem(&makers, &tid);
	if (!call)
		return;
	if (call->entered_ns != 0) {
		key = key_of(call);
		row = row_of(&key);
		if (row)
			__sync_fetch_and_add(&row->unreturned, 1);
	}
	bpf_map_delete_elem(&callers, &self);
}

#endif
