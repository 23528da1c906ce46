// BlockingIo.java — N units each send a request and read the answer, which comes after a delay.
package vtlab;

final class BlockingIo extends EachConnection {
    @Override
    void use(Work work, int unit) throws Exception {
        work.request(unit);
    }
}
