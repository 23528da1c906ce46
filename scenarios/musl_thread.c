/* musl_thread.c — the program vtlab-musl: starts one thread as musl does it, and ends.
 *
 * Built by musl-gcc if there is one, statically. What starts it has published the action of its first task.
 */
#include <pthread.h>

static void *do_nothing(void *none)
{
	return none;
}

int main(void)
{
	pthread_t thread;
	if (pthread_create(&thread, 0, do_nothing, 0) != 0)
		return 1;
	return pthread_join(thread, 0) != 0;
}
