// BlockingIo.java — N units each send a request and read the answer, which comes after a delay.
package vtlab;

final class BlockingIo implements Scenario {
    @Override
    public boolean connects() {
        return true;
    }

    @Override
    public void run(Work work) throws Exception {
        for (int i = 0; i < work.params.tasks(); i++) {
            int unit = i;
            work.start(unit, () -> work.request(unit));
        }
        work.joinAll();
    }
}
