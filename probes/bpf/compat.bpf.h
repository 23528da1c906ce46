/* compat.bpf.h — differences between kernels, each with its commit and release. Nowhere else. */
#ifndef VT_COMPAT_BPF_H
#define VT_COMPAT_BPF_H

#include "kernel_types.h"
#include "wire.h"
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

/* The same of a task that the verifier knows, as typed programs are handed it: a plain load. */
static __always_inline __u32 state_of(struct task_struct *task)
{
	if (bpf_core_field_exists(task->__state))
		return task->__state;
	return (__u32)((struct task_struct___before_5_14 *)task)->state;
}

/* The memory of the current task. The helper that hands out a task which can be read by plain loads came with 5.11,
 * 3ca1032ab7ab. */
static __always_inline struct mm_struct *mm_of_current(void)
{
	if (bpf_core_enum_value_exists(enum bpf_func_id, BPF_FUNC_get_current_task_btf))
		return bpf_get_current_task_btf()->mm;
	return BPF_CORE_READ((struct task_struct *)bpf_get_current_task(), mm);
}

/* Has this kernel a way from a task to its run queue (CONFIG_FAIR_GROUP_SCHED)? */
static __always_inline bool has_queue_clock(struct task_struct *task)
{
	return bpf_core_field_exists(task->se.cfs_rq) &&
	       bpf_core_field_exists(task->se.cfs_rq->rq) &&
	       bpf_core_field_exists(task->sched_info.last_queued);
}

/* The clock of the run queue from which `next` comes, brought up to date by the switch itself. Of a kernel that does not
 * show it, CLOCK_MONOTONIC, and then the two times below are not known: 0. */
static __always_inline __u64 queue_clock(struct task_struct *next)
{
	return has_queue_clock(next) ? next->se.cfs_rq->rq->clock : bpf_ktime_get_ns();
}

/* Since when a task that gets the CPU now has been runnable (CONFIG_SCHED_INFO). */
static __always_inline __u64 queued_since(struct task_struct *next)
{
	return has_queue_clock(next) ? next->sched_info.last_queued : 0;
}

/* Since when the current task has had the CPU. */
static __always_inline __u64 arrived_at(struct task_struct *current)
{
	return has_queue_clock(current) ? current->sched_info.last_arrival : bpf_ktime_get_ns();
}

/* The numbers of the system calls that make tasks (asm/unistd.h); arm64 has no fork and no vfork. */
static __always_inline __u32 call_of(long number)
{
#if defined(__TARGET_ARCH_x86)
	switch (number) {
	case 56:
		return VT_CALL_CLONE;
	case 57:
		return VT_CALL_FORK;
	case 58:
		return VT_CALL_VFORK;
	case 435:
		return VT_CALL_CLONE3;
	}
#elif defined(__TARGET_ARCH_arm64)
	switch (number) {
	case 220:
		return VT_CALL_CLONE;
	case 435:
		return VT_CALL_CLONE3;
	}
#endif
	return VT_CALL_NONE;
}

/* Is the task in a system call of a 32-bit program? Those have other numbers. */
static __always_inline bool in_32_bit_call(struct task_struct *task)
{
#if defined(__TARGET_ARCH_x86)
	return BPF_CORE_READ(task, thread_info.status) & 2; /* TS_COMPAT, asm/thread_info.h */
#else
	return false;
#endif
}

#if defined(__TARGET_ARCH_x86)
/* The registers with which the current task came from user space lie at the end of its kernel stack
 * (asm/processor.h, task_pt_regs), and since 6.9 two words before it if the kernel is built for FRED,
 * 65c9cc9e2c14. The helper bpf_task_pt_regs came with 5.15. User segments tell where they really are. */
static __always_inline bool user_registers(struct task_struct *task, struct pt_regs *regs)
{
	enum { PAGE = 4096, USUAL_PAGES = 4, USER_CODE = 0x33, FRED_WORDS = 16 };
	char *end = (char *)BPF_CORE_READ(task, stack);
	__u32 pages = 0;

	if (bpf_core_field_exists(task->stack_vm_area))
		pages = BPF_CORE_READ(task, stack_vm_area, nr_pages);
	end += (pages ? pages : USUAL_PAGES) * PAGE;
	if (bpf_probe_read_kernel(regs, sizeof(*regs), end - sizeof(*regs)) == 0 &&
	    (regs->cs & 0xffff) == USER_CODE)
		return true;
	return bpf_probe_read_kernel(regs, sizeof(*regs), end - FRED_WORDS - sizeof(*regs)) == 0 &&
	       (regs->cs & 0xffff) == USER_CODE;
}
#endif

/* A function that returns a pointer or an error: the last page of addresses are errors (linux/err.h). */
static __always_inline bool is_error(const void *pointer)
{
	return (unsigned long)pointer >= (unsigned long)-4095;
}

#endif
