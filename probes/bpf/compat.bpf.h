/* compat.bpf.h — differences between kernels, each with its commit and release. Nowhere else. */
#ifndef VT_COMPAT_BPF_H
#define VT_COMPAT_BPF_H

#include "kernel_types.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include <bpf/bpf_core_read.h>

/* task_struct.state became __state in 5.14, 2f064a59a11f ("sched: Change task_struct::state"). */
static __always_inline __u32 task_state(struct task_struct *task)
{
	if (bpf_core_field_exists(task->__state))
		return BPF_CORE_READ(task, __state);
	return (__u32)BPF_CORE_READ((struct task_struct___before_5_14 *)task, state);
}

/* A function that returns a pointer or an error: the last page of addresses are errors (linux/err.h). */
static __always_inline bool is_error(const void *pointer)
{
	return (unsigned long)pointer >= (unsigned long)-4095;
}

#endif
