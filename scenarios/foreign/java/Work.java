// Work.java — one running experiment as a scenario sees it: its units, parameters and connections.
package vtlab;

import java.io.IOException;
import java.net.Socket;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;

final class Work {
    /** What a unit does. */
    interface Body {
        void run() throws Exception;
    }

    private static final int EIO = 5;

    final Params params;
    final Socket[] connections;
    private final Vtlab vtlab;
    private final UnitLog log;
    private final Thread[] units;
    private final Map<String, Long> reported = new ConcurrentHashMap<>();

    Work(Params params, Vtlab vtlab, UnitLog log, Socket[] connections) {
        this.params = params;
        this.vtlab = vtlab;
        this.log = log;
        this.connections = connections;
        units = new Thread[params.tasks()];
    }

    /** Starts unit number `unit` as a thread of the mode's kind, and keeps its record. */
    void start(int unit, Body body) {
        start(unit, Thread.NORM_PRIORITY, body);
    }

    void start(int unit, int priority, Body body) {
        log.asked(unit);
        Runnable record = () -> {
            try {
                body.run();
                log.finished(unit);
            } catch (Exception e) {
                log.failed(unit, EIO);
                if (unit == 0) e.printStackTrace();
            }
        };
        if (params.virtual()) {
            units[unit] = Thread.ofVirtual().start(record);
        } else {
            // By this name vtlab tells them from the threads that the JVM makes for itself.
            units[unit] = Thread.ofPlatform().name("unit-" + unit).priority(priority).start(record);
        }
    }

    /** Of the units: the JVM has virtual threads of its own, too. */
    Set<Long> ids() {
        return Arrays.stream(units).map(Thread::threadId).collect(Collectors.toSet());
    }

    /** By which id the JVM speaks of each unit. */
    void tellIds() {
        var lines = new StringBuilder();
        for (int unit = 0; unit < units.length; unit++) {
            lines.append("unit ").append(unit).append(' ').append(units[unit].threadId());
            boolean enough = lines.length() > 60_000 || unit + 1 == units.length;
            if (!enough) lines.append('\n');
            else vtlab.say(lines.toString());
            if (enough) lines.setLength(0);
        }
    }

    void joinAll() throws InterruptedException {
        for (Thread unit : units) unit.join();
    }

    void allWait() {
        vtlab.allWait();
    }

    /** A number that the scenario found out (Scenario::reports). */
    void report(String key, long value) {
        reported.put(key, value);
    }

    Map<String, Long> reported() {
        return reported;
    }

    /** One byte there, and one byte back when the server answers. */
    void request(int unit) throws IOException {
        connections[unit].getOutputStream().write('r');
        answer(unit);
    }

    void answer(int unit) throws IOException {
        if (connections[unit].getInputStream().read() < 0) throw new IOException("the server went away");
    }
}
