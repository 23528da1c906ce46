/* totals.bpf.h — sums over the whole tree, for who asks again and again and wants no records: an endpoint of metrics.
 *
 * Every function does nothing unless totals are kept: the constant is known when the program is loaded. Times are of
 * the run queue's clock and of what the kernel itself notes of each task (sched_info), so nothing is remembered here
 * from one switch to the next.
 */
#ifndef VT_TOTALS_BPF_H
#define VT_TOTALS_BPF_H

#include "target.bpf.h"

/* The smallest b with us <= 2^b. */
static __always_inline __u32 bucket_of(__u64 us)
{
	__u32 bucket = 0, step;

	if (us <= 1)
		return 0;
	us--;
	for (step = 32; step > 0; step /= 2) {
		if (us >> step) {
			us >>= step;
			bucket += step;
		}
	}
	return bucket + 1;
}

/* A task of the tree gives the CPU away; runs before the next one has it. */
static __always_inline void total_stop(struct vt_totals *sums, struct task_struct *prev, bool preempt,
				       __u64 now)
{
	__u64 since;

	if (!preempt && state_of(prev))
		sums->voluntary++;
	else
		sums->preempted++;
	if (!has_queue_clock(prev))
		return;
	since = arrived_at(prev);
	sums->timed++;
	if (now > since)
		sums->on_cpu_ns += now - since;
}

static __always_inline void total_wait(struct vt_totals *sums, struct task_struct *next, __u64 now)
{
	__u64 since = queued_since(next);
	__u64 waited = now > since ? now - since : 0;
	__u32 bucket = bucket_of((waited + 999) / 1000);

	if (!since)
		return;
	sums->waits++;
	sums->waited_ns += waited;
	if (bucket < VT_WAIT_BUCKETS)
		sums->wait[bucket]++;
}

static __always_inline void total_switch(struct task_struct *prev, bool prev_observed, struct task_struct *next,
					 bool preempt)
{
	bool next_observed = next->pid && process_of(next->tgid);
	struct vt_totals *sums;
	__u32 only = 0;
	__u64 now;

	if (!prev_observed && !next_observed)
		return;
	sums = bpf_map_lookup_elem(&totals, &only);
	if (!sums)
		return;
	now = queue_clock(next);
	if (prev_observed)
		total_stop(sums, prev, preempt, now);
	if (next_observed)
		total_wait(sums, next, now);
}

/* One attempt came to its end. Runs in the creator. */
static __always_inline void total_attempt(__u32 call, __u32 kind, __u32 error)
{
	struct vt_attempt key = {.call = call, .kind = kind, .error = error};
	__u64 none = 0;
	__u64 *value = bpf_map_lookup_elem(&attempt_counts, &key);

	if (!value) { /* refused if another CPU was first: then it is there */
		bpf_map_update_elem(&attempt_counts, &key, &none, BPF_NOEXIST);
		value = bpf_map_lookup_elem(&attempt_counts, &key);
	}
	if (value)
		__sync_fetch_and_add(value, 1);
	else
		bump(&lost, VT_EVENT_ATTEMPT);
}

#endif
