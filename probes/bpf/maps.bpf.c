/* maps.bpf.c — the one definition of what maps.bpf.h declares. */
#include "maps.bpf.h"
#include "calls_maps.bpf.h"

struct targets_map targets SEC(".maps");
struct slots_map slots SEC(".maps");
struct counts_map counts SEC(".maps");
struct ledger_map ledger SEC(".maps");
struct lost_map lost SEC(".maps");
struct events_map events SEC(".maps");
struct creations_map attempts SEC(".maps");
struct creations_map births SEC(".maps");
struct scope_map scope SEC(".maps");
struct tasks_map tasks SEC(".maps");
struct rings_map rings SEC(".maps");
struct ring_switches_map ring_switches SEC(".maps");
struct callers_map callers SEC(".maps");
struct makers_map makers SEC(".maps");
struct call_rows_map call_rows SEC(".maps");
struct fresh_row_map fresh_row SEC(".maps");
struct shapes_map shapes SEC(".maps");
struct lost_calls_map lost_calls SEC(".maps");
struct stacks_map stacks SEC(".maps");
struct steps_map steps SEC(".maps");
struct attempt_counts_map attempt_counts SEC(".maps");
struct totals_map totals SEC(".maps");

const volatile __u32 ring_length = 0;
const volatile bool follow_cgroup = false;
const volatile __u32 observer_tgid = 0;
const volatile bool record_creations = false;
const volatile bool keep_totals = false;
const volatile bool record_calls = false;
const volatile bool calls_by_name = false;
const volatile bool record_stacks = false;

char LICENSE[] SEC("license") = "Dual BSD/GPL";
