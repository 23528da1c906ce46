// BlockingSyscall.java — N units each wait in a system call of which the JDK may tell its scheduler.
package vtlab;

/** A program cannot announce a blocking call; the JDK does for its own file I/O, in some releases. */
final class BlockingSyscall implements Scenario {
    @Override
    public boolean connects() {
        return true;
    }

    @Override
    public void run(Work work) throws Exception {
        for (int i = 0; i < work.params.tasks(); i++) {
            int unit = i;
            work.start(unit, () -> Pin.FILE.request(work, unit));
        }
        work.joinAll();
    }
}
