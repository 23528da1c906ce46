// ParkedMemory.java — N units wait together, until all are there and vtlab has looked at the process.
package vtlab;

final class ParkedMemory implements Scenario {
    @Override
    public void run(Work work) throws Exception {
        var meeting = new Meeting(work);
        for (int unit = 0; unit < work.params.tasks(); unit++) work.start(unit, meeting::await);
        meeting.look();
        work.joinAll();
    }
}
