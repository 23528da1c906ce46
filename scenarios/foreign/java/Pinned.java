// Pinned.java — N units each wait for an answer in a way that holds, or once held, the thread below them.
package vtlab;

final class Pinned implements Scenario {
    @Override
    public boolean connects() {
        return true;
    }

    @Override
    public void run(Work work) throws Exception {
        for (int i = 0; i < work.params.tasks(); i++) {
            int unit = i;
            work.start(unit, () -> work.params.pin().request(work, unit));
        }
        work.joinAll();
    }
}
