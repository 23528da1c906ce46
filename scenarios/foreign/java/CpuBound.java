// CpuBound.java — one amount of computing, cut in N pieces. What the pieces add up to is checked.
package vtlab;

import java.util.Arrays;

final class CpuBound implements Scenario {
    private static final long STEPS = 1L << 26;
    private static final long SUM = 0x7f8310511ea31545L; // of mix(0) to mix(STEPS - 1)

    @Override
    public void run(Work work) throws Exception {
        int pieces = work.params.tasks();
        long[] sums = new long[pieces];
        for (int i = 0; i < pieces; i++) {
            int unit = i;
            work.start(unit, () -> sums[unit] = compute(STEPS * unit / pieces, STEPS * (unit + 1) / pieces));
        }
        work.joinAll();
        long sum = Arrays.stream(sums).sum();
        if (sum != SUM) throw new IllegalStateException("the units computed something else: " + sum);
        work.report("steps", STEPS);
    }

    private static long compute(long begin, long end) {
        long sum = 0;
        for (long i = begin; i < end; i++) sum += mix(i);
        return sum;
    }

    /** As scenarios/mix.h: all modes compute the same. */
    private static long mix(long x) {
        x += 0x9e3779b97f4a7c15L;
        x = (x ^ (x >>> 30)) * 0xbf58476d1ce4e5b9L;
        x = (x ^ (x >>> 27)) * 0x94d049bb133111ebL;
        return x ^ (x >>> 31);
    }
}
