import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

/** Many that wait: what a parked one costs, how late a crowd of sleepers is, one per connection. */
final class Wait {
  /** The value of a line of /proc/self/status, in bytes. */
  private static double status(String key) throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
      if (line.startsWith(key + ":")) return Double.parseDouble(line.replaceAll("[^0-9]", "")) * 1024;
    }
    return 0;
  }

  /** Of all live threads: the first number of schedstat, ns. The JDK's own answer has steps of 10 ms. */
  private static double cpuSeconds() throws IOException {
    double sum = 0;
    try (DirectoryStream<Path> threads = Files.newDirectoryStream(Path.of("/proc/self/task"))) {
      for (Path thread : threads) {
        sum += Double.parseDouble(Files.readString(thread.resolve("schedstat")).split(" ")[0]);
      }
    }
    return sum * 1e-9;
  }

  static void parked(Bench.Options options) throws Exception {
    Thread[] units = new Thread[options.n()];
    CountDownLatch gate = new CountDownLatch(1);
    AtomicInteger arrived = new AtomicInteger();
    Runnable body = () -> {
      arrived.getAndIncrement();
      try {
        gate.await();
      } catch (InterruptedException error) {
        throw new IllegalStateException(error);
      }
    };
    status("RssAnon");
    System.gc();
    double resident = status("RssAnon");
    double pageTables = status("VmPTE");
    for (int i = 0; i < units.length; i++) units[i] = Thread.ofVirtual().start(body);
    while (arrived.get() < units.length) Thread.yield();
    System.gc();
    Thread.sleep(1000);
    double cpu = cpuSeconds();
    double wall = Bench.seconds(o -> Thread.sleep(1000), options);
    Bench.report(options, "parked-idle-cpu", (cpuSeconds() - cpu) * 1e3 / wall, "ms/s");
    resident = (status("RssAnon") - resident) / options.n();
    pageTables = (status("VmPTE") - pageTables) / options.n();
    Bench.report(options, "parked", resident + pageTables, "bytes");
    Bench.report(options, "parked-resident", resident, "bytes");
    Bench.report(options, "parked-page-tables", pageTables, "bytes");
    gate.countDown();
    for (Thread unit : units) unit.join();
  }

  static void sleepers(Bench.Options options) throws Exception {
    Thread[] units = new Thread[options.n()];
    Runnable body = () -> {
      try {
        Thread.sleep(1000);
      } catch (InterruptedException error) {
        throw new IllegalStateException(error);
      }
    };
    Bench.Work once = o -> {
      for (int i = 0; i < units.length; i++) units[i] = Thread.ofVirtual().start(body);
      for (Thread unit : units) unit.join();
    };
    Bench.report(options, "sleepers-cold", Bench.seconds(once, options), "s");
    once.run(options);
    Bench.report(options, "sleepers-warm", Bench.seconds(once, options), "s");
  }

  private static void serve(Socket socket) {
    byte[] data = new byte[512];
    try (socket) {
      InputStream in = socket.getInputStream();
      OutputStream out = socket.getOutputStream();
      for (int bytes = in.read(data); bytes > 0; bytes = in.read(data)) out.write(data, 0, bytes);
    } catch (IOException gone) {
      // The client has ended: so has this connection.
    }
  }

  /** Until run.py ends the process. */
  static void echo(Bench.Options options) throws Exception {
    try (ServerSocket listener = new ServerSocket(0, 4096, InetAddress.getByName("127.0.0.1"))) {
      System.out.println("{\"port\": " + listener.getLocalPort() + "}");
      for (;;) {
        Socket socket = listener.accept();
        socket.setTcpNoDelay(true);
        Thread.ofVirtual().start(() -> serve(socket));
      }
    }
  }
}
