/* returns.bpf.c — which system calls came back, how late, and which of them waited?
 *
 * Attached only when calls are recorded, together with calls. A call blocked if the kernel itself has counted a
 * voluntary switch of the task since it was entered (task_struct.nvcsw): it gave its CPU away to wait. A task that comes
 * out of its creator's fork here never went in, and is passed over. Runs in the calling thread.
 */
#include "waits.bpf.h"

static __always_inline __u32 bucket_of(__u64 ns)
{
	__u64 value = ns >> VT_CALL_GRAIN_BITS;
	__u32 shift = 0;

	if (value >> 34)
		return VT_CALL_BUCKETS - 1;
	/* Until only the leading VT_CALL_BUCKET_BITS + 1 bits are left. */
#define HALVE(times)                                                                               \
	if (value >> ((times) + VT_CALL_BUCKET_BITS)) {                                            \
		value >>= (times);                                                                 \
		shift += (times);                                                                  \
	}
	HALVE(16)
	HALVE(8)
	HALVE(4)
	HALVE(2)
	HALVE(1)
	return (shift << VT_CALL_BUCKET_BITS) + value;
}

static __always_inline __u32 shape_of(const struct vt_caller *call)
{
	__u32 number = call->number;
	__u32 *shape = call->flags & VT_CALL_32_BIT ? 0 : bpf_map_lookup_elem(&shapes, &number);

	return shape ? *shape : VT_SHAPE_NONE;
}

static __always_inline int came_back(long ret)
{
	struct vt_caller *call = caller();
	struct task_struct *task = (struct task_struct *)bpf_get_current_task();
	struct asked asked = {~0ull, ~0ull};
	struct vt_call_key key;
	struct vt_call_row *row;
	__u32 bucket, shape;
	__u64 took;

	if (!call || call->entered_ns == 0)
		return 0;
	took = bpf_ktime_get_ns() - call->entered_ns;
	count(VT_returns);
	key = key_of(call);
	shape = shape_of(call);
	if (BPF_CORE_READ(task, nvcsw) != call->waits)
		asked = what_it_waited_for(&key, call, shape);
	if (is_error((void *)ret) && shape != VT_SHAPE_SIGRETURN)
		key.error = -ret;
	call->entered_ns = 0;
	row = row_of(&key);
	if (!row)
		return 0;
	__sync_fetch_and_add(&row->returned, 1);
	__sync_fetch_and_add(&row->total_ns, took);
	if (took > row->max_ns)
		row->max_ns = took;
	if (asked.ns != ~0ull)
		stretch(&row->time, asked.ns);
	if (asked.fds != ~0ull)
		stretch(&row->fds, asked.fds);
	bucket = bucket_of(took);
	if (bucket < VT_CALL_BUCKETS)
		__sync_fetch_and_add(&row->buckets[bucket], 1);
	return 0;
}

SEC("?tp_btf/sys_exit")
int BPF_PROG(returns__tp_btf, struct pt_regs *regs, long ret)
{
	return came_back(ret);
}

SEC("?tp/raw_syscalls/sys_exit")
int returns__tracepoint(struct trace_event_raw_sys_exit *ctx)
{
	return came_back(ctx->ret);
}
