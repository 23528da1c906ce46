// EchoServer.java — one unit per connection writes back what its client sends, until the client closes.
package vtlab;

final class EchoServer extends EachConnection {
    @Override
    void use(Work work, int unit) throws Exception {
        var in = work.connections[unit].getInputStream();
        var out = work.connections[unit].getOutputStream();
        byte[] buffer = new byte[256];
        for (int got; (got = in.read(buffer)) > 0; ) out.write(buffer, 0, got);
    }
}
