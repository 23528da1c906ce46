import java.util.concurrent.CountDownLatch;

/** Starting and joining virtual threads. */
final class Spawn {
  private static final int CHILDREN = 10;
  private static final Runnable NOTHING = () -> {};

  static void join(Bench.Options options) throws Exception {
    double seconds = Bench.warmSeconds(o -> {
      for (int i = 0; i < o.ops(); i++) Thread.ofVirtual().start(NOTHING).join();
    }, options);
    Bench.report(options, "spawn-join", seconds * 1e9 / options.ops(), "ns");
  }

  static void batch(Bench.Options options) throws Exception {
    Thread[] units = new Thread[options.n()];
    int count = Math.max(1, options.ops() / options.n());
    double seconds = Bench.warmSeconds(o -> {
      for (int i = 0; i < count; i++) {
        for (int j = 0; j < units.length; j++) units[j] = Thread.ofVirtual().start(NOTHING);
        for (Thread unit : units) unit.join();
      }
    }, options);
    Bench.report(options, "spawn-batch", seconds * 1e9 / ((double) count * options.n()), "ns");
  }

  static void alive(Bench.Options options) throws Exception {
    Thread[] units = new Thread[options.n()];
    Bench.Work once = o -> {
      CountDownLatch gate = new CountDownLatch(1);
      Runnable body = () -> {
        try {
          gate.await();
        } catch (InterruptedException error) {
          throw new IllegalStateException(error);
        }
      };
      for (int i = 0; i < units.length; i++) units[i] = Thread.ofVirtual().start(body);
      gate.countDown();
      for (Thread unit : units) unit.join();
    };
    Bench.report(options, "alive-cold", Bench.seconds(once, options) * 1e9 / options.n(), "ns");
    Bench.report(options, "alive-warm", Bench.warmSeconds(once, options) * 1e9 / options.n(), "ns");
  }

  private static long node(long first, long size) throws InterruptedException {
    if (size == 1) return first;
    long[] sums = new long[CHILDREN];
    Thread[] children = new Thread[CHILDREN];
    for (int i = 0; i < CHILDREN; i++) {
      int child = i;
      children[i] = Thread.ofVirtual().start(() -> {
        try {
          sums[child] = node(first + child * (size / CHILDREN), size / CHILDREN);
        } catch (InterruptedException error) {
          throw new IllegalStateException(error);
        }
      });
    }
    long sum = 0;
    for (int i = 0; i < CHILDREN; i++) {
      children[i].join();
      sum += sums[i];
    }
    return sum;
  }

  static void skynet(Bench.Options options) throws Exception {
    Bench.Work once = o -> {
      long leaves = o.n();
      if (node(0, leaves) != leaves * (leaves - 1) / 2) throw new IllegalStateException("skynet: the sum is wrong");
    };
    Bench.report(options, "skynet", Bench.warmSeconds(once, options) * 1e9 / options.n(), "ns");
  }
}
