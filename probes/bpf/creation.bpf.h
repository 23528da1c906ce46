/* creation.bpf.h — the record of one attempt to make a task, from the system call to the first run.
 *
 * It waits in attempts under the creator's tid from sys_enter to sys_exit, and from copy_process (or the first later
 * stage that is seen) to the first run in births under the new task's tid. Every function does nothing unless creations
 * are recorded: the constant is known when the program is loaded, and the verifier removes what it guards.
 */
#ifndef VT_CREATION_BPF_H
#define VT_CREATION_BPF_H

#include "target.bpf.h"

static __always_inline void send_creation(struct vt_creation *creation)
{
	creation->head.time_ns = bpf_ktime_get_ns();
	creation->head.kind = VT_EVENT_CREATION;
	creation->head.cpu = bpf_get_smp_processor_id();
	if (bpf_ringbuf_output(&events, creation, sizeof(*creation), BPF_RB_NO_WAKEUP) != 0)
		bump(&lost, VT_EVENT_CREATION);
}

/* The current thread's system call, if it is in one that makes tasks. */
static __always_inline struct vt_creation *attempt_of_current(void)
{
	__u32 tid = current_tid();

	return bpf_map_lookup_elem(&attempts, &tid);
}

static __always_inline void begin_attempt(__u32 call, __u64 flags, __u32 exit_signal, bool known)
{
	struct vt_creation fresh = {};
	__u32 tid = current_tid();
	struct vt_slot cause = published(tid);

	fresh.asked_ns = bpf_ktime_get_ns();
	fresh.call = call;
	fresh.flags = flags;
	fresh.exit_signal = exit_signal;
	fresh.known = known ? VT_FLAGS_KNOWN : 0;
	fresh.head.by_tid = tid;
	fresh.head.action = cause.action;
	fresh.head.unit = cause.unit;
	if (bpf_map_update_elem(&attempts, &tid, &fresh, BPF_ANY) != 0)
		bump(&lost, VT_EVENT_CREATION);
}

/* The record of a new task, begun here if no earlier stage was seen. Runs in the creator. */
static __always_inline struct vt_creation *birth_of(__u32 child_tid, bool anew)
{
	struct vt_creation *birth = bpf_map_lookup_elem(&births, &child_tid);
	struct vt_creation *attempt;

	if (birth && !anew)
		return birth;
	attempt = attempt_of_current();
	if (attempt) {
		bpf_map_update_elem(&births, &child_tid, attempt, BPF_ANY);
	} else {
		struct vt_creation fresh = {};
		__u32 tid = current_tid();
		struct vt_slot cause = published(tid);

		fresh.head.by_tid = tid;
		fresh.head.action = cause.action;
		fresh.head.unit = cause.unit;
		bpf_map_update_elem(&births, &child_tid, &fresh, BPF_ANY);
	}
	birth = bpf_map_lookup_elem(&births, &child_tid);
	if (birth)
		birth->head.tid = child_tid;
	else
		bump(&lost, VT_EVENT_CREATION);
	return birth;
}

/* The first run of a task whose birth was seen; called for every switch of the machine. */
static __always_inline void first_run(__u32 tid)
{
	struct vt_creation *birth = bpf_map_lookup_elem(&births, &tid);

	if (!birth)
		return;
	birth->ran_ns = bpf_ktime_get_ns();
	send_creation(birth);
	bpf_map_delete_elem(&births, &tid);
}

/* A task stops whose birth is still here: it has run, and the switch to it was not shown to us. Its record ends
 * without that time rather than with a wrong one. */
static __always_inline void first_run_was_not_seen(__u32 tid)
{
	struct vt_creation *birth = bpf_map_lookup_elem(&births, &tid);

	if (!birth)
		return;
	send_creation(birth);
	bpf_map_delete_elem(&births, &tid);
}

#endif
