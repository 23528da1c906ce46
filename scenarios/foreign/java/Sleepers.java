// Sleepers.java — N units sleep for the same time, and note how late they were woken.
package vtlab;

import java.time.Duration;
import java.util.Arrays;

final class Sleepers implements Scenario {
    @Override
    public void run(Work work) throws Exception {
        int units = work.params.tasks();
        var time = Duration.ofNanos(work.params.delayNs());
        long[] lateNs = new long[units];
        for (int i = 0; i < units; i++) {
            int unit = i;
            work.start(unit, () -> {
                long due = System.nanoTime() + time.toNanos();
                Thread.sleep(time);
                lateNs[unit] = Math.max(0, System.nanoTime() - due);
            });
        }
        work.joinAll();
        Arrays.sort(lateNs);
        work.report("late_p50_ns", percentile(lateNs, 0.50));
        work.report("late_p99_ns", percentile(lateNs, 0.99));
        work.report("late_max_ns", lateNs[units - 1]);
    }

    /** By nearest rank: always one of the values. */
    private static long percentile(long[] sorted, double fraction) {
        return sorted[Math.max((int) Math.ceil(fraction * sorted.length), 1) - 1];
    }
}
