/* functions.bpf.c — which functions of their own do the observed programs pass?
 *
 * A uprobe stands on a place of a file, so every process that runs this file passes it, and those that are not
 * observed pay for it, too. One program; vtlab loads a copy for each key and attaches that to one or more places.
 * It runs in the caller, at a place where the arguments are still where the caller put them. No return probes: they
 * replace return addresses, which kills programs that move or read their stacks (Go, Java).
 */
#include "target.bpf.h"
#include "functions_wire.h"

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, VT_FUNCTIONS);
	__type(key, __u32);
	__type(value, __u64);
} function_counts SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, VT_FUNCTIONS *VT_FUNCTION_VALUES);
	__type(key, __u32);
	__type(value, __u64);
} function_values SEC(".maps");

/* Calls that found no room in function_calls. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} lost_function_calls SEC(".maps");

/* Of one page unless function calls are recorded. */
struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 16 * 1024 * 1024);
} function_calls SEC(".maps");

const volatile __u32 function_key = 0;
const volatile __u32 function_abi = VT_ABI_C;
const volatile __u32 function_by = 0; /* 1 + the word whose values are counted; 0: none */
const volatile bool record_functions = false;
/* The second argument is a handle of a Java object: instead of the first words, these fields of it. Where a field is,
 * the JVM keeps in an int, so far behind the place of the probe. 0: none. */
const volatile __s64 function_field[2] = { 0, 0 };

#define NOT_READ (~0ull)

/* Volatile: the compiler must not make two loads one load from one of two places, which the verifier refuses. */
static __always_inline void read_words(const volatile struct pt_regs *regs,
				       __u64 to[VT_FUNCTION_WORDS])
{
#if defined(__TARGET_ARCH_x86)
	__u64 c[] = { regs->di, regs->si, regs->dx, regs->cx };
	__u64 go[] = { regs->r14, regs->ax, regs->bx, regs->cx };

	for (int i = 0; i < VT_FUNCTION_WORDS; i++)
		to[i] = function_abi == VT_ABI_GO ? go[i] : c[i];
#else
	for (int i = 0; i < VT_FUNCTION_WORDS; i++)
		to[i] = 0;
#endif
}

#if defined(__TARGET_ARCH_x86)
/* A garbage collector may move the object meanwhile: then this reads what it leaves behind, which is the same. */
static __always_inline __u64 read_field(const volatile struct pt_regs *regs, __s64 offset_behind)
{
	__u64 object, value;
	__s32 offset;

	if (bpf_probe_read_user(&object, sizeof(object), (void *)regs->si) ||
	    bpf_probe_read_user(&offset, sizeof(offset), (void *)(regs->ip + offset_behind)) ||
	    bpf_probe_read_user(&value, sizeof(value), (void *)(object + offset)))
		return NOT_READ;
	return value;
}
#else
static __always_inline __u64 read_field(const volatile struct pt_regs *regs, __s64 offset_behind)
{
	return NOT_READ;
}
#endif

/* Above an argument that is shorter than a word there is garbage: in C reasons are ints, in Go bytes. */
static __always_inline void count_value(__u32 value)
{
	if (function_abi == VT_ABI_GO)
		value &= 0xff;
	if (value >= VT_FUNCTION_VALUES)
		value = VT_FUNCTION_VALUES - 1;
	bump(&function_values, function_key * VT_FUNCTION_VALUES + value);
}

SEC("?uprobe")
int functions__uprobe(struct pt_regs *regs)
{
	struct vt_function_call *call;
	__u64 word[VT_FUNCTION_WORDS];

	if (!observed())
		return 0;
	bump(&function_counts, function_key);
	if (!function_by && !record_functions)
		return 0;
	read_words(regs, word);
	if (function_field[0])
		word[0] = read_field(regs, function_field[0]);
	if (function_field[1])
		word[1] = read_field(regs, function_field[1]);
	switch (function_by) {
	case 1:
		count_value(word[0]);
		break;
	case 2:
		count_value(word[1]);
		break;
	case 3:
		count_value(word[2]);
		break;
	case 4:
		count_value(word[3]);
		break;
	}
	if (!record_functions)
		return 0;
	call = bpf_ringbuf_reserve(&function_calls, sizeof(*call), 0);
	if (!call) {
		bump(&lost_function_calls, 0);
		return 0;
	}
	call->time_ns = bpf_ktime_get_ns();
	call->key = function_key;
	call->cpu = bpf_get_smp_processor_id();
	call->tid = current_tid();
	call->tgid = current_tgid();
	__builtin_memcpy(call->word, word, sizeof(word));
	bpf_ringbuf_submit(call, BPF_RB_NO_WAKEUP);
	return 0;
}
