/* functions_wire.h — functions of observed programs: what BPF and vtlab share of them. See wire.h. */
#ifndef VT_FUNCTIONS_WIRE_H
#define VT_FUNCTIONS_WIRE_H

enum {
	VT_FUNCTIONS = 32,     /* keys; vtlab says what each of them means */
	VT_FUNCTION_WORDS = 4, /* of a call */
	VT_FUNCTION_VALUES =
	    64 /* of the word that a key is also counted by; the last one: this or more */
};

/* Where a function finds its first arguments. */
enum vt_abi {
	VT_ABI_C,  /* System V: rdi, rsi, rdx, rcx */
	VT_ABI_GO, /* ABIInternal: r14 is the goroutine; then rax, rbx, rcx */
};

struct vt_function_call {
	__u64 time_ns; /* CLOCK_MONOTONIC */
	__u32 key;
	__u32 cpu;
	__u32 tid;
	__u32 tgid;
	__u64 word[VT_FUNCTION_WORDS];
};

#endif
