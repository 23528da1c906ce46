// Pinned.java — N units each wait for an answer in a way that holds, or once held, the thread below them.
package vtlab;

final class Pinned extends EachConnection {
    @Override
    void use(Work work, int unit) throws Exception {
        work.params.pin().request(work, unit);
    }
}
