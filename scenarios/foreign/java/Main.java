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
            if (params.pin() == Pin.NATIVE) System.setProperty("jdk.pollerMode", "1");
            var connections = scenario.connects() ? vtlab.connect(params.tasks()) : new Socket[0];
            var work = new Work(params, vtlab, new UnitLog(params.tasks()), connections);

            vtlab.say("ready");
            vtlab.waitAtGate();
            long start = System.nanoTime();
            scenario.run(work);
            long end = System.nanoTime();

            vtlab.say("window " + start + " " + end);
            work.reported().forEach(vtlab::metric);
            vtlab.say("done");
            vtlab.waitAtGate();
            Runtime.getRuntime().halt(0); // the window is closed: nobody waits for an orderly end
        } catch (Throwable e) {
            vtlab.say("error " + e);
            Runtime.getRuntime().halt(1);
        }
    }
}
