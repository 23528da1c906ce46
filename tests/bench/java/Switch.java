import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** Handing the carrier, a turn or a value to one another. */
final class Switch {
  interface Body {
    void run() throws InterruptedException;
  }

  private static void together(Body... bodies) throws InterruptedException {
    Thread[] units = new Thread[bodies.length];
    for (int i = 0; i < units.length; i++) {
      Body body = bodies[i];
      units[i] = Thread.ofVirtual().start(() -> {
        try {
          body.run();
        } catch (InterruptedException error) {
          throw new IllegalStateException(error);
        }
      });
    }
    for (Thread unit : units) unit.join();
  }

  static void yield(Bench.Options options) throws Exception {
    int each = options.ops() / options.n();
    double seconds = Bench.warmSeconds(o -> {
      Body[] bodies = new Body[o.n()];
      for (int i = 0; i < bodies.length; i++) {
        bodies[i] = () -> {
          for (int j = 0; j < each; j++) Thread.yield();
        };
      }
      together(bodies);
    }, options);
    Bench.report(options, "yield", seconds * 1e9 / ((double) each * options.n()), "ns");
  }

  private static final class Table {
    final ReentrantLock lock = new ReentrantLock();
    final Condition[] changed = {lock.newCondition(), lock.newCondition()};
    int turn = 0;

    void play(int me, int rounds) throws InterruptedException {
      for (int i = 0; i < rounds; i++) {
        lock.lock();
        try {
          while (turn != me) changed[me].await();
          turn = 1 - me;
          changed[turn].signal();
        } finally {
          lock.unlock();
        }
      }
    }
  }

  static void mutex(Bench.Options options) throws Exception {
    double seconds = Bench.warmSeconds(o -> {
      Table table = new Table();
      together(() -> table.play(0, o.ops()), () -> table.play(1, o.ops()));
    }, options);
    Bench.report(options, "mutex-ping-pong", seconds * 1e9 / options.ops(), "ns");
  }

  static void channel(Bench.Options options) throws Exception {
    double seconds = Bench.warmSeconds(o -> {
      SynchronousQueue<Integer> there = new SynchronousQueue<>();
      SynchronousQueue<Integer> back = new SynchronousQueue<>();
      together(() -> {
        for (int i = 0; i < o.ops(); i++) back.put(there.take());
      }, () -> {
        for (int i = 0; i < o.ops(); i++) {
          there.put(1);
          back.take();
        }
      });
    }, options);
    Bench.report(options, "channel-ping-pong", seconds * 1e9 / options.ops(), "ns");
  }
}
