/* kernel_types.h — the kernel types that the probes use, and only their fields that are used.
 *
 * preserve_access_index makes every access relocatable: libbpf patches the offsets to the running kernel's when it
 * loads the program (CO-RE), so order and size here mean nothing and no BTF is needed to build. Names must be the
 * kernel's own. A type with a ___suffix is the same kernel type as another release has it.
 */
#ifndef VT_KERNEL_TYPES_H
#define VT_KERNEL_TYPES_H

typedef signed char __s8;
typedef unsigned char __u8;
typedef short __s16;
typedef unsigned short __u16;
typedef int __s32;
typedef unsigned int __u32;
typedef long long __s64;
typedef unsigned long long __u64;
typedef __u16 __be16;
typedef __u32 __be32;
typedef __u64 __be64;
typedef __u32 __wsum;
typedef __u8 u8;
typedef __u32 u32;
typedef __u64 u64;
typedef int pid_t;
typedef _Bool bool;
enum { false = 0, true = 1 };

/* uapi/linux/bpf.h */
enum bpf_map_type {
	BPF_MAP_TYPE_HASH = 1,
	BPF_MAP_TYPE_ARRAY = 2,
	BPF_MAP_TYPE_PERCPU_HASH = 5,
	BPF_MAP_TYPE_PERCPU_ARRAY = 6,
	BPF_MAP_TYPE_CGROUP_ARRAY = 8,
	BPF_MAP_TYPE_RINGBUF = 27,
};
enum { BPF_ANY = 0, BPF_NOEXIST = 1 };
enum { BPF_RB_NO_WAKEUP = 1, BPF_RB_FORCE_WAKEUP = 2 };
enum { BPF_F_MMAPABLE = 1 << 10 };
enum { BPF_F_USER_STACK = 1 << 8 };

/* uapi/linux/sched.h */
enum { CSIGNAL = 0xff, CLONE_VM = 0x100, CLONE_VFORK = 0x4000, CLONE_THREAD = 0x10000 };
enum { SIGCHLD = 17 };
struct clone_args_begin { /* struct clone_args as far as we read it; user memory, fixed layout */
	__u64 flags, pidfd, child_tid, parent_tid, exit_signal;
};

/* uapi/linux/futex.h, time.h */
enum { FUTEX_CMD_MASK = ~(128 | 256), TIMER_ABSTIME = 1 };

/* uapi/linux/stat.h, magic.h */
enum {
	S_IFMT = 0170000,
	S_IFSOCK = 0140000,
	S_IFREG = 0100000,
	S_IFDIR = 0040000,
	S_IFCHR = 0020000,
	S_IFIFO = 0010000
};
enum { ANON_INODE_FS_MAGIC = 0x09041934, PIPEFS_MAGIC = 0x50495045, PID_FS_MAGIC = 0x50494446 };

/* include/linux/sched.h: task_struct.flags */
enum { PF_EXITING = 0x4, PF_KTHREAD = 0x200000 };
/* a task on its way out, switching for the last time */
enum { TASK_DEAD = 0x80 };

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

struct mm_struct {
	unsigned long start_code;
	unsigned long start_stack;
};

struct fs_struct;
struct sighand_struct;
struct signal_struct;
struct nsproxy;
struct io_context;
struct css_set;

/* What a file descriptor is. */
struct super_block {
	unsigned long s_magic;
};

struct inode {
	unsigned short i_mode;
	u32 i_rdev;
	struct super_block *i_sb;
};

struct qstr {
	const unsigned char *name;
};

struct dentry {
	struct qstr d_name;
};

struct path {
	struct dentry *dentry;
};

struct file {
	struct path f_path;
	struct inode *f_inode;
	void *private_data;
};

struct fdtable {
	unsigned int max_fds;
	struct file **fd;
};

struct files_struct {
	struct fdtable *fdt;
};

struct sock_common {
	unsigned short skc_family;
};

struct sock {
	struct sock_common __sk_common;
};

struct socket {
	short type;
	struct sock *sk;
};

struct vm_struct {
	unsigned int nr_pages;
};

struct thread_info {
	u32 status; /* x86 */
};

struct rq {
	u64 clock;
};

struct cfs_rq {
	struct rq *rq; /* CONFIG_FAIR_GROUP_SCHED */
};

struct sched_entity {
	struct cfs_rq *cfs_rq; /* CONFIG_FAIR_GROUP_SCHED */
};

struct sched_info {
	unsigned long long last_arrival; /* both in the clock of rq */
	unsigned long long last_queued;	 /* 0 while not on a run queue, or running */
};

struct task_struct {
	struct thread_info thread_info;
	unsigned int __state; /* 5.14 on, 2f064a59a11f; before: state */
	unsigned int flags;
	unsigned int policy;
	int prio;
	int static_prio;
	int nr_cpus_allowed;
	pid_t pid;
	pid_t tgid;
	void *stack;
	struct vm_struct *stack_vm_area; /* CONFIG_VMAP_STACK */
	struct task_struct *real_parent;
	struct mm_struct *mm;
	struct files_struct *files;
	struct fs_struct *fs;
	struct sighand_struct *sighand;
	struct signal_struct *signal;
	struct nsproxy *nsproxy;
	struct io_context *io_context; /* CONFIG_BLOCK */
	struct css_set *cgroups;       /* CONFIG_CGROUPS */
	struct sched_entity se;
	struct sched_info sched_info; /* CONFIG_SCHED_INFO */
	char comm[16];
	unsigned long nvcsw;
	u32 self_exec_id;	       /* u64 since 5.7; its low half */
};

struct kernel_clone_args {
	u64 flags;
	int exit_signal;
};

enum bpf_func_id {
	BPF_FUNC_get_current_task_btf = 158,
};

struct task_struct___before_5_14 {
	volatile long state;
};

struct trace_event_raw_sched_process_fork {
	pid_t child_pid;
};

struct trace_event_raw_task_newtask {
	pid_t pid;
	unsigned long clone_flags;
};

struct trace_event_raw_sched_wakeup_template {
	pid_t pid;
};

struct trace_event_raw_sched_switch {
	pid_t next_pid;
};

struct trace_event_raw_sys_enter {
	long id;
	unsigned long args[6];
};

struct trace_event_raw_sys_exit {
	long ret;
};

#pragma clang attribute pop

struct pid;

/* What kprobe programs are handed; bpf_tracing.h picks the argument registers out of it. */
#define __VMLINUX_H__ /* bpf_tracing.h: the registers have the kernel's names, not those of user space */
#if defined(__TARGET_ARCH_x86)
struct pt_regs {
	unsigned long r15, r14, r13, r12, bp, bx, r11, r10, r9, r8, ax, cx, dx, si, di, orig_ax;
	unsigned long ip, cs, flags, sp, ss;
};
#elif defined(__TARGET_ARCH_arm64)
struct user_pt_regs {
	__u64 regs[31], sp, pc, pstate;
};
struct pt_regs;
#endif

#endif
