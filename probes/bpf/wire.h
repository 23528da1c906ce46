/* wire.h — what the BPF side and vtlab share. Fixed widths only; both sides see the same bytes.
 *
 * C++ includes it after <linux/types.h>, BPF after kernel_types.h. Numbers are append-only.
 */
#ifndef VT_WIRE_H
#define VT_WIRE_H

enum {
	VT_MAX_ACTIONS = 64,   /* actions a program can publish; 0 is "none published" */
	VT_MAX_CREATIONS = 32768 /* attempts at once, and tasks at once that have not run yet */
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

/* One process of the machine. */
struct vt_process {
	__u64 alive; /* 0: not in the observed tree; else VT_IN_TREE + its tasks between wake_up_new_task and
			their last switch */
};
#define VT_IN_TREE (1ull << 63)

enum vt_event_kind {
	VT_EVENT_STARTED = 1,  /* a new task was made runnable; runs in its creator */
	VT_EVENT_EXITED = 2,   /* a task began to exit */
	/* 3: a switch, until those got rings of their own (struct vt_switch) */
	VT_EVENT_CREATION =
	    4, /* struct vt_creation: one attempt to make a task, as far as it got */
	VT_EVENT_JOINED = 5, /* a process of the observed control group is seen for the first time */
	VT_EVENT_STACK = 6, /* struct vt_stack, in a ring of its own */
	VT_EVENT_ATTEMPT = 7, /* no event: a count of attempts for which there was no room */
	VT_EVENT_KINDS = 8
};

struct vt_event {
	__u64 time_ns; /* CLOCK_MONOTONIC */
	__u32 kind;
	__u32 cpu;
	__u32 tid; /* the task that the event is about, and its process */
	__u32 tgid;
	__u32 by_tid; /* started: the creator. exited: from here on 16 bytes, the task's comm */
	__u32 action; /* started: the creator's action and unit */
	__u32 unit;
	__u32 stack_pages; /* started, if scheduling is recorded: of its kernel stack; 0: not known */
};

/* One task of the machine, while scheduling is recorded. */
struct vt_task {
	__u32 waker;   /* the task that woke it, or made it, since it last ran; 0 also: the idle task */
	__u16 nvcsw;   /* its voluntary switches so far, the last 16 bits */
	__u8 wakes;    /* wake-ups since it last ran; more than one: woken before it had stopped */
	__u8 is;       /* enum vt_task_is; 0: not known to be in the tree */
};

enum vt_task_is { VT_TASK_OBSERVED = 1, VT_TASK_RUNS = 2, VT_TASK_NEW = 4 /* has not run yet */ };

/* One change of hands of a CPU, to or from a task of the tree; also how the next task came there. */
struct vt_switch {
	__u64 time;   /* the run queue's clock */
	__u64 queued; /* when the next task became runnable, in the same clock; 0: not known */
	__u32 prev;   /* tids; of a task outside the tree 0 */
	__u32 next;
	__u32 waker; /* of next; only with wakes, or if it is new */
	__u16 cpu;
	__u8 wakes; /* of next since it last ran */
	__u8 how;   /* enum vt_how */
};

enum vt_how {
	VT_PREV_STATE = 0x1f,    /* of prev: none, interruptible, uninterruptible, stopped, traced */
	VT_PREV_VOLUNTARY = 0x20, /* the kernel counted it as voluntary */
	VT_PREV_DEAD = 0x40,	  /* prev has run for the last time */
	VT_NEXT_NEW = 0x80	  /* next runs for the first time */
};

/* The switches of one CPU: written by its sched_switch only, in which interrupts are off, and emptied by vtlab. */
struct vt_ring {
	__u64 head; /* switches written */
	__u64 lost; /* found no room */
	__u64 first_lost; /* when, in the clock of the run queue */
	__u64 last_lost;
	__u64 clock_offset; /* CLOCK_MONOTONIC - clock of the run queue, a moment ago */
	__u64 offset_at; /* when, in the clock of the run queue */
	__u64 unused[2];
	__u64 tail; /* written by vtlab only: switches that it has taken */
	__u64 unused_by_vtlab[7];
};

/* Who asked. Other numbers are not system calls that make tasks. */
enum vt_call {
	VT_CALL_NONE =
	    0, /* nobody did: the kernel made the task by itself, or the entry was not seen */
	VT_CALL_CLONE = 1,
	VT_CALL_CLONE3 = 2,
	VT_CALL_FORK = 3,
	VT_CALL_VFORK = 4
};

/* What a new task may have in common with its creator; two bits each in vt_creation.sharing. */
enum vt_shareable {
	VT_MM,
	VT_FILES,
	VT_FS,
	VT_SIGHAND,
	VT_SIGNAL,
	VT_NSPROXY,
	VT_IO,
	VT_CGROUP,
	VT_SHAREABLES
};
enum vt_share { VT_SHARE_UNKNOWN = 0, VT_SHARE_OWN = 1, VT_SHARE_SHARED = 2, VT_SHARE_NONE = 3 };

enum {
	VT_WAIT_BUCKETS = 24,  /* waits of at most 1, 2, 4 … µs; those of more than 2^23 µs are in none */
	VT_MAX_ATTEMPT_KINDS = 1024
};

/* What became of attempts to make a task; the key of a count. */
struct vt_attempt {
	__u16 call; /* enum vt_call */
	__u16 kind; /* enum vt_kind */
	__u32 error; /* errno; 0 if a task was made */
};

enum vt_kind { VT_KIND_UNKNOWN = 0, VT_KIND_THREAD = 1, VT_KIND_PROCESS = 2 };

/* Of all switches of the tree on one CPU; written by sched_switch only, in which interrupts are off. */
struct vt_totals {
	__u64 voluntary; /* switches away from a task that stopped by itself */
	__u64 preempted; /* and from one that could have gone on */
	__u64 timed;	 /* of both, those of which the kernel told since when the task had had the CPU */
	__u64 on_cpu_ns;
	__u64 waits; /* switches to a task that had waited for the CPU, and how long that was */
	__u64 waited_ns;
	__u64 wait[VT_WAIT_BUCKETS];
};

enum { VT_FLAGS_KNOWN = 1, VT_TASK_KNOWN = 2 }; /* vt_creation.known */

/* One attempt to make a task. It is begun when the system call is entered, goes on under the new task's tid, and is
 * sent when the task first runs or the call fails. A time of 0: that stage was not reached, or nobody saw it. */
struct vt_creation {
	struct vt_event
	    head; /* tid, tgid: the new task, 0 if there is none; by_tid, action, unit: its creator */
	__u64 asked_ns;	  /* the system call was entered */
	__u64 entered_ns; /* kernel_clone was entered; function rungs */
	__u64 copied_ns;  /* copy_process had made the task_struct */
	__u64 forked_ns;  /* sched_process_fork: kernel_clone has its copy; tracepoint rungs */
	__u64 woken_ns;	  /* wake_up_new_task */
	__u64 ran_ns;	  /* the first sched_switch to it */
	__u64 flags;	  /* as asked, without the exit signal */
	__u64 stack;	  /* address of its kernel stack */
	__u32 call;	  /* enum vt_call */
	__u32 known;
	__u32 exit_signal;
	__u32 error; /* errno; 0 if a task was made */
	__u32 sharing;
	__u32 task_flags; /* PF_… */
	__u32 parent_tgid;
	__u32 stack_pages; /* 0: this kernel does not tell */
	__u32 policy;
	__u32 prio;
	__u32 static_prio; /* nice + 120 */
	__u32 cpus_allowed;
};

enum {
	VT_REGISTERS = 17,	/* DWARF's numbers: 7 is the stack pointer, 16 the instruction pointer */
	VT_MAX_FRAMES = 64,	/* that the kernel unwinds by frame pointers */
	VT_STACK_BYTES = 8192,	/* copied from the stack pointer on, at most */
	VT_MAX_STEPS = 65536,	/* that user space has learned, of all programs of the tree */
	VT_DEEPEST = 64,	/* steps of one walk */
	VT_STEP_WORDS = 4
};

/* Which program image a process runs: the same for a process and what it forks, another one after exec. */
struct vt_image {
	__u64 start_code; /* both as /proc/PID/stat has them; chosen anew by each exec */
	__u64 start_stack;
	__u32 execs; /* task_struct.self_exec_id */
	__u32 zero;
};

/* Where the creator of a task stood in its program. */
struct vt_stack {
	struct vt_event head; /* tid, tgid: the new task; by_tid: its creator */
	struct vt_image image;
	__u32 by_tgid;
	__u32 known;  /* the registers are */
	__u32 frames; /* return addresses by frame pointers, innermost first */
	__u32 copied; /* bytes of the stack */
	__u64 registers[VT_REGISTERS];
	__u64 frame[VT_MAX_FRAMES];
	__u8 bytes[VT_STACK_BYTES];
};

/* A word that the unwinder read to get from one frame to the next: a return address, or a saved frame pointer. */
enum vt_source { VT_IN_STACK, VT_IN_RBP, VT_IN_RDI };
struct vt_word {
	__u32 offset;	/* in the stack, from the stack pointer on */
	__u16 source;	/* enum vt_source */
	__u16 relative; /* it is an address in the stack: its distance to the stack pointer counts */
};

/* What user space has learned of unwinding, as a tree: from the instruction pointer, the words of each step lead to
 * the next one (vt_next), and the last step is the place where a creator stands. Equal words mean equal frames. */
struct vt_step {
	__u64 threads; /* last: how many a creator made who stood here, since this was learned */
	__u64 processes;
	__u32 words;
	__u32 last;
	struct vt_word word[VT_STEP_WORDS];
};

static inline __attribute__((always_inline)) __u64 vt_next(__u64 step, __u64 word)
{
	step = (step ^ word) * 0x9e3779b97f4a7c15ull; /* 2^64 / the golden ratio: Fibonacci hashing */
	return step ^ (step >> 29);
}

static inline __attribute__((always_inline)) __u64 vt_first(const struct vt_image *image, __u64 ip)
{
	__u64 step = vt_next(image->start_code, image->start_stack);

	return vt_next(vt_next(step, image->execs), ip);
}

/* There is a step here once user space has read the memory map of the image. No program stands at 0. */
static inline __attribute__((always_inline)) __u64 vt_map_was_read(const struct vt_image *image)
{
	return vt_first(image, 0);
}

#endif
