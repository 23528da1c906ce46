/* calls_maps.bpf.h — the maps of system calls; defined in maps.bpf.c like all others. Of one entry, but for the small
 * ones, unless calls are recorded (the loader sees to it). */
#ifndef VT_CALLS_MAPS_BPF_H
#define VT_CALLS_MAPS_BPF_H

#include "compat.bpf.h"
#include "calls_wire.h"

/* By the address of the task_struct: unlike the tid it is the same before and after an exec by a second thread. */
struct callers_map {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, VT_MAX_CALLERS);
	__type(key, __u64);
	__type(value, struct vt_caller);
};

/* tid → the action by which that task was made, until its first call. */
struct makers_map {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, VT_MAX_CALLERS);
	__type(key, __u32);
	__type(value, __u32);
};

struct call_rows_map {
	__uint(type, BPF_MAP_TYPE_PERCPU_HASH);
	__uint(max_entries, VT_MAX_CALL_ROWS);
	__type(key, struct vt_call_key);
	__type(value, struct vt_call_row);
};

/* Zeroes: a row is larger than a program's stack. */
struct fresh_row_map {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct vt_call_row);
};

/* Number of a call → enum vt_shape. */
struct shapes_map {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, VT_MAX_CALL_NUMBERS);
	__type(key, __u32);
	__type(value, __u32);
};

struct lost_calls_map {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, VT_LOST_CALLS);
	__type(key, __u32);
	__type(value, __u64);
};

extern struct callers_map callers SEC(".maps");
extern struct makers_map makers SEC(".maps");
extern struct call_rows_map call_rows SEC(".maps");
extern struct fresh_row_map fresh_row SEC(".maps");
extern struct shapes_map shapes SEC(".maps");
extern struct lost_calls_map lost_calls SEC(".maps");

/* Set by the loader before the programs are loaded. */
extern const volatile bool record_calls;  /* every system call of the tree, added up */
extern const volatile bool calls_by_name; /* a row of its own for each name of a caller */

#endif
