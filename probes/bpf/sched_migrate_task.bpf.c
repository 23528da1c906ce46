/* sched_migrate_task.bpf.c — which task was moved to another CPU?
 *
 * Attached only when totals are kept. Passed when a task that waits for a CPU, or is being woken, is given to another
 * one; runs in whoever moves it, with the run queue's lock held. A new task's first CPU is no move. A typed tracepoint
 * only: the classic record has no process.
 */
#include "target.bpf.h"

SEC("?tp_btf/sched_migrate_task")
int BPF_PROG(migrations__tp_btf, struct task_struct *task)
{
	if (task->pid && process_of(task->tgid))
		count(VT_migrations);
	return 0;
}
