// EchoServer.java — one unit per connection writes back what its client sends, until the client closes.
package vtlab;

final class EchoServer implements Scenario {
    @Override
    public boolean connects() {
        return true;
    }

    @Override
    public void run(Work work) throws Exception {
        for (int i = 0; i < work.params.tasks(); i++) {
            int unit = i;
            work.start(unit, () -> echo(work, unit));
        }
        work.joinAll();
    }

    private static void echo(Work work, int unit) throws Exception {
        var in = work.connections[unit].getInputStream();
        var out = work.connections[unit].getOutputStream();
        byte[] buffer = new byte[256];
        for (int got; (got = in.read(buffer)) > 0; ) out.write(buffer, 0, got);
    }
}
