// Main.java — the observed Java program: waits at the gate, runs one scenario, reports.
//
// Started by vtlab only. Arguments: SCENARIO MODE SLOTS KEY=VALUE…
package vtlab;

import java.net.Socket;

public final class Main {
    public static void main(String[] words) {
        var vtlab = new Vtlab();
        try {
            var params = Params.of(words);
            var scenario = Scenario.ALL.get(params.scenario());
            if (scenario == null) throw new IllegalArgumentException("scenario " + params.scenario());
            // Read when the first virtual thread is made.
            System.setProperty("jdk.virtualThreadScheduler.parallelism", Integer.toString(params.carriers()));
            // Since JDK 22 who waits for sockets is a virtual thread, too. With every carrier held it would never run,
            // and no unit would ever learn that its answer has come. So let it be a platform thread, as before.
            if (params.pin() == Pin.NATIVE) {
                System.setProperty("jdk.pollerMode", "1");
                Initializer.run(() -> { }); // reads a class file: not by a unit, for which JDK 21 would add a carrier
            }
            var connections = scenario.connects() ? vtlab.connect(params.tasks()) : new Socket[0];
            var work = new Work(params, vtlab, new UnitLog(params.tasks()), connections);

            var flightRecorder = params.runtimeCount() ? new FlightRecorder(params.virtual()) : null;

            vtlab.say("ready");
            vtlab.waitAtGate();
            long start = System.nanoTime();
            scenario.run(work);
            long end = System.nanoTime();

            vtlab.say("window " + start + " " + end);
            work.reported().forEach(vtlab::metric);
            vtlab.say("done");
            vtlab.waitAtGate();
            // The window is closed: now it may take time, and threads.
            vtlab.metric("pool_timers", timers());
            if (params.eventLog()) work.tellIds();
            if (flightRecorder != null) flightRecorder.report(work.ids(), vtlab::metric);
            System.exit(0); // not halt(): the flight recorder takes its files away
        } catch (Throwable e) {
            vtlab.say("error " + e);
            Runtime.getRuntime().halt(1);
        }
    }

    /** Threads that the kernel cannot tell from carriers: it keeps 15 characters of a name. Since JDK 25 one may be. */
    private static long timers() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().endsWith("-delayScheduler")).count();
    }
}
