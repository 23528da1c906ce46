// SpawnJoin.java — start N units that do nothing, then wait for all of them.
package vtlab;

final class SpawnJoin implements Scenario {
    @Override
    public void run(Work work) throws Exception {
        for (int unit = 0; unit < work.params.tasks(); unit++) work.start(unit, () -> { });
        work.joinAll();
    }
}
