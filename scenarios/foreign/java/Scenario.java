// Scenario.java — the work of a scenario in Java. To add one: a class, and a line here.
package vtlab;

import java.util.Map;

interface Scenario {
    void run(Work work) throws Exception;

    /** Does vtlab stand at the other end of a connection for each unit? */
    default boolean connects() {
        return false;
    }

    Map<String, Scenario> ALL = Map.of(
            "spawn-join", new SpawnJoin(),
            "parked-memory", new ParkedMemory(),
            "sleepers", new Sleepers(),
            "blocking-io", new BlockingIo(),
            "same-call", new BlockingIo(),
            "pinned", new Pinned(),
            "blocking-syscall", new BlockingSyscall(),
            "echo-server", new EchoServer(),
            "cpu-bound", new CpuBound(),
            "priorities", new Priorities());
}
