/* calls_wire.h — wire.h for system calls: what the kernel side adds up, and vtlab reads. Numbers are append-only. */
#ifndef VT_CALLS_WIRE_H
#define VT_CALLS_WIRE_H

enum {
	VT_MAX_CALL_ROWS = 2048,   /* different keys of one window */
	VT_MAX_CALLERS = 32768,	   /* tasks of the observed tree that have made a call and are alive */
	VT_MAX_CALL_NUMBERS = 512, /* a call with a higher number is counted and not decoded */
	/* Latency, log-linear: 8 buckets per power of two, the first 16 of 16 ns each. A value is at most 1/8 below the
	 * end of its bucket, and what took more than 2^38 ns (275 s) is in the last one. */
	VT_CALL_BUCKETS = 256,
	VT_CALL_BUCKET_BITS = 3,
	VT_CALL_GRAIN_BITS = 4
};

/* What the arguments of a call say of what it waits for. vtlab tells the kernel side by number, so that numbers, which
 * differ by machine, are known in one place (call_names.cpp). */
enum vt_shape {
	VT_SHAPE_NONE,
	VT_SHAPE_FD,	      /* (fd, …) */
	VT_SHAPE_FUTEX,	      /* (address, op, value, timeout, …) */
	VT_SHAPE_SLEEP,	      /* (timespec, …) */
	VT_SHAPE_CLOCK_SLEEP, /* (clock, flags, timespec, …) */
	VT_SHAPE_EPOLL,	      /* (fd, events, room, milliseconds, …) */
	VT_SHAPE_EPOLL2,      /* (fd, events, room, timespec, …) */
	VT_SHAPE_POLL,	      /* (fds, count, milliseconds) */
	VT_SHAPE_PPOLL,	      /* (fds, count, timespec, …) */
	VT_SHAPE_SELECT,      /* (count, …, …, …, timeval or timespec) */
	VT_SHAPE_WAIT_PID,    /* (pid, …) */
	VT_SHAPE_WAIT_ID,     /* (type, id, …) */
	VT_SHAPE_SIGRETURN    /* what it "returns" is the interrupted program's register */
};

/* What a call that blocked waited for. */
enum vt_wait {
	VT_WAIT_NOTHING,    /* it did not block */
	VT_WAIT_UNKNOWN,    /* its arguments do not tell, or are not decoded */
	VT_WAIT_SOCKET,	    /* detail: family << 16 | type */
	VT_WAIT_PIPE,
	VT_WAIT_FIFO,
	VT_WAIT_FILE,
	VT_WAIT_DIRECTORY,
	VT_WAIT_TERMINAL,
	VT_WAIT_DEVICE,
	VT_WAIT_EPOLL,
	VT_WAIT_EVENTFD,
	VT_WAIT_TIMERFD,
	VT_WAIT_SIGNALFD,
	VT_WAIT_INOTIFY,
	VT_WAIT_IO_URING,
	VT_WAIT_PIDFD,
	VT_WAIT_OTHER_FD,
	VT_WAIT_CLOSED_FD, /* the fd was closed when the call came back */
	VT_WAIT_FUTEX,	   /* detail: FUTEX_… without its flags */
	VT_WAIT_TIME,
	VT_WAIT_FDS,	   /* one of several */
	VT_WAIT_ANY_CHILD,
	VT_WAIT_ONE_CHILD,
	VT_WAIT_CHILD_GROUP
};

enum vt_limit { VT_LIMIT_NOT_SAID, VT_LIMIT_NONE, VT_LIMIT_TIME };

enum { VT_CALL_32_BIT = 1 }; /* vt_call_key.flags: of a 32-bit program, with numbers of its own */

struct vt_call_key {
	__u32 number;
	__u32 flags;
	__u32 by;     /* the action by which the calling task was made; 0: none, or not seen */
	__u32 during; /* the action that the caller had published; 0: none */
	__u16 wait;   /* enum vt_wait */
	__u16 limit;  /* enum vt_limit */
	__u32 detail;
	__u32 error; /* errno, or the kernel's own for "begin anew" (512…516); 0: none, or no answer */
	char name[16]; /* the caller's comm if asked for (calls_by_name), else empty */
};

/* What callers asked for; least and most say nothing while count is 0. */
struct vt_range {
	__u64 count;
	__u64 least;
	__u64 most;
};

/* Per CPU. Calls that were entered = returned + unreturned + those that are still going on + lost. */
struct vt_call_row {
	__u64 returned;
	__u64 unreturned; /* the task ended in it: exit, exit_group */
	__u64 total_ns;
	__u64 max_ns;
	struct vt_range time; /* ns */
	struct vt_range fds;
	__u64 buckets[VT_CALL_BUCKETS];
};

/* One task of the tree, from its first call to its end. */
struct vt_caller {
	__u64 entered_ns; /* 0: it is in no call */
	__u64 args[5];
	__u64 waits; /* its voluntary switches when it entered */
	__u32 number;
	__u32 flags;
	__u32 by;
	__u32 during;
};

enum { VT_LOST_CALL_ROW, VT_LOST_CALLER, VT_LOST_CALLS };

#endif
