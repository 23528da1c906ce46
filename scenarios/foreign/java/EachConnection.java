// EachConnection.java — a unit for each connection; all do the same with theirs.
package vtlab;

abstract class EachConnection implements Scenario {
    /** What unit number `unit` does with work.connections[unit]. */
    abstract void use(Work work, int unit) throws Exception;

    @Override
    public final boolean connects() {
        return true;
    }

    @Override
    public final void run(Work work) throws Exception {
        for (int i = 0; i < work.params.tasks(); i++) {
            int unit = i;
            work.start(unit, () -> use(work, unit));
        }
        work.joinAll();
    }
}
