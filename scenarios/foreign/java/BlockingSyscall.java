// BlockingSyscall.java — N units each wait in a system call of which the JDK may tell its scheduler.
package vtlab;

/** A program cannot announce a blocking call; the JDK does for its own file I/O, in some releases. */
final class BlockingSyscall extends EachConnection {
    @Override
    void use(Work work, int unit) throws Exception {
        Pin.FILE.request(work, unit);
    }
}
