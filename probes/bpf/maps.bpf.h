/* maps.bpf.h — the maps that all probes share; defined once in maps.bpf.c. Sizes that depend on the machine
 * (pid_max, the ring) are set by the loader before the maps are created. */
#ifndef VT_MAPS_BPF_H
#define VT_MAPS_BPF_H

#include "compat.bpf.h"
#include "wire.h"

/* The observed tree: tgid → process. vtlab puts the root in, wake_new its descendants. An array, because every program
 * of every task of the machine asks it first: a load, and not a look into a hash. */
struct targets_map {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 32768);
	__type(key, __u32);
	__type(value, struct vt_process);
};

/* tid → what that thread is about to do. Mapped by the workload, which only ever stores into it. */
struct slots_map {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 32768);
	__type(key, __u32);
	__type(value, struct vt_slot);
};

struct counts_map {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, VT_COUNTERS);
	__type(key, __u32);
	__type(value, __u64);
};

struct ledger_map {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, VT_MAX_ACTIONS);
	__type(key, __u32);
	__type(value, struct vt_ledger);
};

/* Events that found no room, by kind; [0] counts processes whose number is beyond targets. */
struct lost_map {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, VT_EVENT_KINDS);
	__type(key, __u32);
	__type(value, __u64);
};

struct events_map {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4 * 1024 * 1024);
};

/* Attempts to make a task that have not come to an end: by the creator's tid while it is in the system call, and by
 * the new task's tid until it first runs. Of one entry unless creations are recorded (the loader sees to it). */
struct creations_map {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, VT_MAX_CREATIONS);
	__type(key, __u32);
	__type(value, struct vt_creation);
};

/* The control group whose processes are observed too, if follow_cgroup. */
struct scope_map {
	__uint(type, BPF_MAP_TYPE_CGROUP_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u32);
};

/* tid → task; of one entry unless scheduling is recorded. */
struct tasks_map {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct vt_task);
};

/* A ring per CPU, and their switches: those of the first CPU, then those of the second. */
struct rings_map {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct vt_ring);
};

struct ring_switches_map {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct vt_switch);
};

/* Like events, but of few and large records; of one page unless stacks are recorded. */
struct stacks_map {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 16 * 1024 * 1024);
};

/* What user space has learned; put in by it alone. Of one entry unless stacks are recorded. */
struct steps_map {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, VT_MAX_STEPS);
	__type(key, __u64);
	__type(value, struct vt_step);
};

/* What became of attempts to make a task. Of one entry unless totals are kept. */
struct attempt_counts_map {
	__uint(type, BPF_MAP_TYPE_PERCPU_HASH);
	__uint(max_entries, VT_MAX_ATTEMPT_KINDS);
	__type(key, struct vt_attempt);
	__type(value, __u64);
};

struct totals_map {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct vt_totals);
};

extern struct targets_map targets SEC(".maps");
extern struct slots_map slots SEC(".maps");
extern struct counts_map counts SEC(".maps");
extern struct ledger_map ledger SEC(".maps");
extern struct lost_map lost SEC(".maps");
extern struct events_map events SEC(".maps");
extern struct creations_map attempts SEC(".maps");
extern struct creations_map births SEC(".maps");
extern struct scope_map scope SEC(".maps");
extern struct tasks_map tasks SEC(".maps");
extern struct rings_map rings SEC(".maps");
extern struct ring_switches_map ring_switches SEC(".maps");
extern struct stacks_map stacks SEC(".maps");
extern struct steps_map steps SEC(".maps");
extern struct attempt_counts_map attempt_counts SEC(".maps");
extern struct totals_map totals SEC(".maps");

/* Set by the loader before the programs are loaded. */
extern const volatile bool follow_cgroup; /* scope is set */
extern const volatile __u32 observer_tgid; /* vtlab, which is never part of a control group's tree */
extern const volatile __u32 ring_length; /* switches that the ring of one CPU holds, a power of two;
					    0: scheduling is not recorded */
extern const volatile bool
    record_creations; /* a struct vt_creation for every attempt to make a task */
extern const volatile bool keep_totals; /* attempt_counts and totals */
extern const volatile bool record_stacks; /* a struct vt_stack for every new task, or a count */

#endif
