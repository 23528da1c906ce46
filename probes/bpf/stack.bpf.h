/* stack.bpf.h — where its creator stood in its program when a task was made runnable.
 *
 * Most programs are built without frame pointers, so what the kernel can unwind by itself is seldom enough. The
 * registers and the top of the stack are therefore handed to user space, which unwinds by the tables of the program
 * (docs/decisions/0036). What it has learned of that comes back as steps (struct vt_step), by which a program
 * can unwind that stack in the kernel: a creator that stands where one stood before is only counted.
 *
 * Runs in the creator. Every function does nothing unless stacks are recorded.
 */
#ifndef VT_STACK_BPF_H
#define VT_STACK_BPF_H

#include "target.bpf.h"

enum { VT_PAGE = 4096, VT_RDI = 5, VT_RBP = 6, VT_RSP = 7, VT_RIP = 16 };

/* The registers of the current task's program, numbered as in DWARF (System V ABI, AMD64 supplement, figure 3.36). */
static __always_inline bool read_registers(struct task_struct *task, __u64 to[VT_REGISTERS])
{
#if defined(__TARGET_ARCH_x86)
	struct pt_regs r;

	if (!user_registers(task, &r))
		return false;
	to[0] = r.ax, to[1] = r.dx, to[2] = r.cx, to[3] = r.bx;
	to[4] = r.si, to[5] = r.di, to[6] = r.bp, to[7] = r.sp;
	to[8] = r.r8, to[9] = r.r9, to[10] = r.r10, to[11] = r.r11;
	to[12] = r.r12, to[13] = r.r13, to[14] = r.r14, to[15] = r.r15;
	to[16] = r.ip;
	return true;
#else
	return false;
#endif
}

static __always_inline void read_image(struct task_struct *task, struct vt_image *image)
{
	struct mm_struct *mm = BPF_CORE_READ(task, mm);

	image->start_code = BPF_CORE_READ(mm, start_code);
	image->start_stack = BPF_CORE_READ(mm, start_stack);
	image->execs = BPF_CORE_READ(task, self_exec_id);
}

static __always_inline bool read_word(const struct vt_word *word, const __u64 *registers, __u64 *to)
{
	__u64 sp = registers[VT_RSP];

	if (word->source == VT_IN_RBP)
		*to = registers[VT_RBP];
	else if (word->source == VT_IN_RDI)
		*to = registers[VT_RDI];
	else if (bpf_probe_read_user(to, sizeof(*to), (void *)(sp + word->offset)) != 0)
		return false;
	if (word->relative)
		*to -= sp;
	return true;
}

/* Unwinds by what was learned. A creator at a known place is counted, and that is all. */
static __always_inline bool counted_as_known(const struct vt_image *image, const __u64 *registers,
					     bool thread)
{
	__u64 at = vt_first(image, registers[VT_RIP]), word;
	struct vt_step *step;
	__u32 depth, i;

	for (depth = 0; depth < VT_DEEPEST; depth++) {
		step = bpf_map_lookup_elem(&steps, &at);
		if (!step)
			return false;
		if (step->last) {
			__sync_fetch_and_add(thread ? &step->threads : &step->processes, 1);
			return true;
		}
		for (i = 0; i < VT_STEP_WORDS && i < step->words; i++) {
			if (!read_word(&step->word[i], registers, &word))
				return false;
			at = vt_next(at, word);
		}
	}
	return false;
}

/* The page that the stack pointer is in, and the next one if the stack goes on there. */
static __always_inline void copy_stack(struct vt_stack *stack, __u64 sp)
{
	__u64 first = VT_PAGE - (sp & (VT_PAGE - 1));

	stack->copied = 0;
	if (bpf_probe_read_user(stack->bytes, first, (void *)sp) != 0)
		return;
	stack->copied = first;
	if (bpf_probe_read_user(stack->bytes + first, VT_PAGE, (void *)(sp + first)) == 0)
		stack->copied = first + VT_PAGE;
}

static __always_inline void take_stack(void *ctx, __u32 child_tid, __u32 child_tgid)
{
	struct task_struct *task = (struct task_struct *)bpf_get_current_task();
	__u64 registers[VT_REGISTERS] = {};
	struct vt_image image = {};
	struct vt_stack *stack;
	__u64 map_read;
	bool known;
	long size;

	known = read_registers(task, registers);
	read_image(task, &image);
	if (known && counted_as_known(&image, registers, child_tgid == current_tgid()))
		return;
	/* Its process may be gone soon, and what is mapped where with it: the reader is woken. */
	map_read = vt_map_was_read(&image);
	stack = bpf_ringbuf_reserve(&stacks, sizeof(*stack), 0);
	if (!stack) {
		bump(&lost, VT_EVENT_STACK);
		return;
	}
	__builtin_memset(&stack->head, 0, sizeof(stack->head));
	stack->head.time_ns = bpf_ktime_get_ns();
	stack->head.kind = VT_EVENT_STACK;
	stack->head.cpu = bpf_get_smp_processor_id();
	stack->head.tid = child_tid;
	stack->head.tgid = child_tgid;
	stack->head.by_tid = current_tid();
	stack->image = image;
	stack->by_tgid = current_tgid();
	stack->known = known;
	__builtin_memcpy(stack->registers, registers, sizeof(registers));
	size = bpf_get_stack(ctx, stack->frame, sizeof(stack->frame), BPF_F_USER_STACK);
	stack->frames = size > 0 ? size / sizeof(stack->frame[0]) : 0;
	stack->copied = 0;
	if (known)
		copy_stack(stack, registers[VT_RSP]);
	bpf_ringbuf_submit(stack, bpf_map_lookup_elem(&steps, &map_read) ? BPF_RB_NO_WAKEUP
									 : BPF_RB_FORCE_WAKEUP);
}

#endif
