// Priorities.java — N units, which ask for each of Java's ten priorities in turn, wait together, until vtlab
// has looked at what the kernel knows of that.
package vtlab;

final class Priorities implements Scenario {
    @Override
    public void run(Work work) throws Exception {
        var meeting = new Meeting(work);
        for (int unit = 0; unit < work.params.tasks(); unit++) {
            int priority = Thread.MIN_PRIORITY + unit % Thread.MAX_PRIORITY;
            work.start(unit, priority, meeting::await);
        }
        meeting.look();
        work.joinAll();
    }
}
