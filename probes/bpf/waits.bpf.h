/* waits.bpf.h — what did a system call wait for? Asked only of calls that blocked, when they have come back.
 *
 * So a file descriptor is what it is then. It can have been closed or given to another file meanwhile by another
 * thread, which only the closing shows.
 */
#ifndef VT_WAITS_BPF_H
#define VT_WAITS_BPF_H

#include "calls.bpf.h"

struct vt_timespec { /* user memory, of 64-bit programs */
	__s64 seconds;
	__s64 ns;
};

static __always_inline void stretch(struct vt_range *range, __u64 value)
{
	if (range->count == 0 || value < range->least)
		range->least = value;
	if (range->count == 0 || value > range->most)
		range->most = value;
	range->count++;
}

/* The first 8 bytes of the name of a file that has no place in the file system. */
#define NAME8(a, b, c, d, e, f, g, h)                                                              \
	((__u64)(a) | (__u64)(b) << 8 | (__u64)(c) << 16 | (__u64)(d) << 24 | (__u64)(e) << 32 |   \
	 (__u64)(f) << 40 | (__u64)(g) << 48 | (__u64)(h) << 56)

static __always_inline __u16 nameless(struct file *file)
{
	const unsigned char *name = BPF_CORE_READ(file, f_path.dentry, d_name.name);
	__u64 begin = 0;

	bpf_probe_read_kernel(&begin, sizeof(begin), name);
	switch (begin) {
	case NAME8('[', 'e', 'v', 'e', 'n', 't', 'p', 'o'):
		return VT_WAIT_EPOLL;
	case NAME8('[', 'e', 'v', 'e', 'n', 't', 'f', 'd'):
		return VT_WAIT_EVENTFD;
	case NAME8('[', 't', 'i', 'm', 'e', 'r', 'f', 'd'):
		return VT_WAIT_TIMERFD;
	case NAME8('[', 's', 'i', 'g', 'n', 'a', 'l', 'f'):
		return VT_WAIT_SIGNALFD;
	case NAME8('[', 'i', 'o', '_', 'u', 'r', 'i', 'n'):
		return VT_WAIT_IO_URING;
	case NAME8('[', 'p', 'i', 'd', 'f', 'd', ']', 0):
		return VT_WAIT_PIDFD;
	case NAME8('i', 'n', 'o', 't', 'i', 'f', 'y', 0):
		return VT_WAIT_INOTIFY;
	}
	return VT_WAIT_OTHER_FD;
}

static __always_inline void look_at_file(struct vt_call_key *key, struct file *file)
{
	struct inode *inode = BPF_CORE_READ(file, f_inode);
	unsigned long kind_of_system = BPF_CORE_READ(inode, i_sb, s_magic);
	__u32 major = BPF_CORE_READ(inode, i_rdev) >> 20; /* linux/kdev_t.h */

	if (kind_of_system == ANON_INODE_FS_MAGIC) {
		key->wait = nameless(file);
		return;
	}
	if (kind_of_system == PID_FS_MAGIC) { /* pidfds since 6.9, cb12fd8e0dab */
		key->wait = VT_WAIT_PIDFD;
		return;
	}
	switch (BPF_CORE_READ(inode, i_mode) & S_IFMT) {
	case S_IFSOCK: {
		struct socket *socket = BPF_CORE_READ(file, private_data);

		key->wait = VT_WAIT_SOCKET;
		key->detail = (__u32)BPF_CORE_READ(socket, sk, __sk_common.skc_family) << 16 |
			      (__u16)BPF_CORE_READ(socket, type);
		return;
	}
	case S_IFIFO:
		key->wait = kind_of_system == PIPEFS_MAGIC ? VT_WAIT_PIPE : VT_WAIT_FIFO;
		return;
	case S_IFREG:
		key->wait = VT_WAIT_FILE;
		return;
	case S_IFDIR:
		key->wait = VT_WAIT_DIRECTORY;
		return;
	case S_IFCHR: /* linux/major.h: TTY, TTYAUX and the Unix98 pseudo terminals */
		key->wait = major == 4 || major == 5 || (major >= 136 && major <= 143)
				? VT_WAIT_TERMINAL
				: VT_WAIT_DEVICE;
		return;
	}
	key->wait = VT_WAIT_DEVICE;
}

static __always_inline void look_at_fd(struct vt_call_key *key, __u32 fd)
{
	struct task_struct *task = (struct task_struct *)bpf_get_current_task();
	struct fdtable *table = BPF_CORE_READ(task, files, fdt);
	struct file *file = 0;

	key->wait = VT_WAIT_CLOSED_FD;
	if (fd >= BPF_CORE_READ(table, max_fds))
		return;
	bpf_probe_read_kernel(&file, sizeof(file), BPF_CORE_READ(table, fd) + fd);
	if (file)
		look_at_file(key, file);
}

/* How long a caller wanted to wait: ns, or ~0 if the memory is not there. */
static __always_inline __u64 asked_time(__u64 user_address)
{
	struct vt_timespec time;

	if (bpf_probe_read_user(&time, sizeof(time), (void *)user_address) != 0)
		return ~0ull;
	return (__u64)time.seconds * 1000000000ull + (__u64)time.ns;
}

struct asked {
	__u64 ns, fds; /* ~0: nothing said */
};

static __always_inline void limit_ms(struct vt_call_key *key, struct asked *asked, __s32 ms)
{
	key->limit = ms < 0 ? VT_LIMIT_NONE : VT_LIMIT_TIME;
	if (ms >= 0)
		asked->ns = (__u64)ms * 1000000;
}

static __always_inline void limit_pointer(struct vt_call_key *key, __u64 pointer)
{
	key->limit = pointer ? VT_LIMIT_TIME : VT_LIMIT_NONE;
}

static __always_inline struct asked what_it_waited_for(struct vt_call_key *key,
						       const struct vt_caller *call, __u32 shape)
{
	struct asked asked = {~0ull, ~0ull};
	__s32 pid = call->args[0];

	key->wait = VT_WAIT_UNKNOWN;
	switch (shape) {
	case VT_SHAPE_FD:
		look_at_fd(key, call->args[0]);
		break;
	case VT_SHAPE_FUTEX:
		key->wait = VT_WAIT_FUTEX;
		key->detail = call->args[1] & FUTEX_CMD_MASK;
		limit_pointer(key, call->args[3]);
		break;
	case VT_SHAPE_SLEEP:
		key->wait = VT_WAIT_TIME;
		asked.ns = asked_time(call->args[0]);
		break;
	case VT_SHAPE_CLOCK_SLEEP:
		key->wait = VT_WAIT_TIME;
		if (!(call->args[1] & TIMER_ABSTIME))
			asked.ns = asked_time(call->args[2]);
		break;
	case VT_SHAPE_EPOLL:
		key->wait = VT_WAIT_EPOLL;
		limit_ms(key, &asked, call->args[3]);
		break;
	case VT_SHAPE_EPOLL2:
		key->wait = VT_WAIT_EPOLL;
		limit_pointer(key, call->args[3]);
		if (call->args[3])
			asked.ns = asked_time(call->args[3]);
		break;
	case VT_SHAPE_POLL:
		key->wait = VT_WAIT_FDS;
		asked.fds = (__u32)call->args[1];
		limit_ms(key, &asked, call->args[2]);
		break;
	case VT_SHAPE_PPOLL: /* the time is overwritten by what was left of it */
		key->wait = VT_WAIT_FDS;
		asked.fds = (__u32)call->args[1];
		limit_pointer(key, call->args[2]);
		break;
	case VT_SHAPE_SELECT:
		key->wait = VT_WAIT_FDS;
		limit_pointer(key, call->args[4]);
		break;
	case VT_SHAPE_WAIT_PID:
		key->wait = pid > 0	? VT_WAIT_ONE_CHILD
			    : pid == -1 ? VT_WAIT_ANY_CHILD
					: VT_WAIT_CHILD_GROUP;
		break;
	case VT_SHAPE_WAIT_ID: /* linux/wait.h: P_ALL, P_PID, P_PGID, P_PIDFD */
		key->wait = pid == 0   ? VT_WAIT_ANY_CHILD
			    : pid == 2 ? VT_WAIT_CHILD_GROUP
				       : VT_WAIT_ONE_CHILD;
		break;
	}
	return asked;
}

#endif
