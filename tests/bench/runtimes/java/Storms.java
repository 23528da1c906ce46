// Storms: the works of ./vtlabw bench runtimes on virtual threads: Storms WORK --ops N. The number of carriers is a property of the JVM.
import java.lang.management.ManagementFactory;
import java.util.Locale;
import java.util.concurrent.locks.LockSupport;

public final class Storms {
  private static final int BATCH = 100;
  private static final long PERIOD_NS = 1_000_000; // of a batch: 100,000 in a second

  /** Each yields once. Who is late does not sleep. */
  private static void paced(int ops) throws InterruptedException {
    long due = System.nanoTime();
    Thread[] units = new Thread[BATCH];
    for (int done = 0; done < ops; done += BATCH) {
      for (int i = 0; i < BATCH; i++) units[i] = Thread.startVirtualThread(Thread::yield);
      for (Thread unit : units) unit.join();
      due += PERIOD_NS;
      long left = due - System.nanoTime();
      if (left > 0) LockSupport.parkNanos(left);
    }
  }

  private static volatile int turn;

  /** Two wake each other in turn; an operation is a park of each. */
  private static void parks(int ops) throws InterruptedException {
    Thread[] both = new Thread[2];
    for (int i = 0; i < 2; i++) {
      int me = i;
      both[i] = Thread.ofVirtual().unstarted(() -> {
        for (int done = 0; done < ops; done++) {
          while (turn != me) LockSupport.park();
          turn = 1 - me;
          LockSupport.unpark(both[1 - me]);
        }
      });
    }
    turn = 0;
    for (Thread each : both) each.start();
    for (Thread each : both) each.join();
  }

  private static void work(String name, int ops) throws InterruptedException {
    if (name.equals("jvm-paced")) paced(ops);
    else if (name.equals("jvm-parks")) parks(ops);
    else throw new IllegalArgumentException("unknown work " + name);
  }

  private static long cpu() {
    return ((com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean()).getProcessCpuTime();
  }

  private static void report(String measure, long ns, int ops) {
    System.out.printf(Locale.ROOT, "{\"work\": \"%s\", \"value\": %.6g, \"unit\": \"ns\"}%n", measure, (double) ns / ops);
  }

  public static void main(String[] words) throws InterruptedException {
    int ops = Integer.parseInt(words[2]);
    work(words[0], Math.max(BATCH, ops / 4)); // a JVM compiles while it runs
    long used = cpu(), start = System.nanoTime();
    work(words[0], ops);
    long taken = System.nanoTime() - start;
    report(words[0], taken, ops);
    report(words[0] + "-cpu", cpu() - used, ops);
  }
}
