// Bench: the works of the benchmark on virtual threads, with the command line of bench.h.
//
// The number of carriers is a property of the JVM (jdk.virtualThreadScheduler.parallelism), set by run.py.
// A JVM compiles while it runs, so each work is done several times and a late one is reported; what is
// called cold is the first.
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

public final class Bench {
  record Options(String work, int n, int ops, int carriers) {}

  interface Work {
    void run(Options options) throws Exception;
  }

  static final Map<String, Work> WORKS = new TreeMap<>(Map.of(
      "spawn-join", Spawn::join,
      "spawn-batch", Spawn::batch,
      "alive", Spawn::alive,
      "skynet", Spawn::skynet,
      "yield", Switch::yield,
      "mutex-ping-pong", Switch::mutex,
      "channel-ping-pong", Switch::channel,
      "parked", Wait::parked,
      "sleepers", Wait::sleepers,
      "echo", Wait::echo));

  /** How often a work is done before it is measured. */
  static final int WARM_UPS = 4;

  static void report(Options options, String measure, double value, String unit) {
    System.out.printf(Locale.ROOT,
        "{\"work\": \"%s\", \"carriers\": %d, \"n\": %d, \"ops\": %d, \"value\": %.6g, \"unit\": \"%s\"}%n",
        measure, options.carriers, options.n, options.ops, value, unit);
  }

  static double seconds(Work work, Options options) throws Exception {
    long start = System.nanoTime();
    work.run(options);
    return (System.nanoTime() - start) * 1e-9;
  }

  /** Seconds for the work once it is warm. */
  static double warmSeconds(Work work, Options options) throws Exception {
    for (int i = 0; i < WARM_UPS; i++) work.run(options);
    return seconds(work, options);
  }

  static void usage(String why) {
    System.err.println("Bench: " + why);
    System.exit(2);
  }

  static Options parse(String[] words) {
    Map<String, Integer> values = new TreeMap<>(Map.of("--n", 1, "--ops", 100_000, "--carriers", 1));
    for (int i = 1; i < words.length; i += 2) {
      if (!values.containsKey(words[i])) usage("unknown option " + words[i]);
      if (i + 1 == words.length) usage(words[i] + " needs a value");
      try {
        values.put(words[i], Integer.parseUnsignedInt(words[i + 1]));
      } catch (NumberFormatException error) {
        usage(words[i] + " needs a whole number above 0");
      }
      if (values.get(words[i]) <= 0) usage(words[i] + " needs a whole number above 0");
    }
    return new Options(words[0], values.get("--n"), values.get("--ops"), values.get("--carriers"));
  }

  public static void main(String[] words) throws Exception {
    if (words.length == 0) usage("which work? 'works' lists them; then --n N --carriers C --ops K");
    if (words[0].equals("version")) {
      System.out.println("JDK " + Runtime.version().feature() + " virtual threads (" + Runtime.version() + ")");
      return;
    }
    if (words[0].equals("works")) {
      WORKS.keySet().forEach(System.out::println);
      return;
    }
    Options options = parse(words);
    Work work = WORKS.get(options.work);
    if (work == null) usage("this program has no work '" + options.work + "'");
    Throwable[] failed = new Throwable[1];
    Thread.ofVirtual().start(() -> {
      try {
        work.run(options);
      } catch (Throwable error) {
        failed[0] = error;
      }
    }).join();
    if (failed[0] != null) {
      failed[0].printStackTrace();
      System.exit(1);
    }
    System.exit(0);
  }
}
