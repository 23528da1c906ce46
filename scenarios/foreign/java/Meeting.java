// Meeting.java — where units wait until all are there and vtlab has looked at the process.
package vtlab;

import java.util.concurrent.CountDownLatch;

final class Meeting {
    private final Work work;
    private final CountDownLatch absent;
    private final CountDownLatch looked = new CountDownLatch(1);

    Meeting(Work work) {
        this.work = work;
        absent = new CountDownLatch(work.params.tasks());
    }

    /** By each unit. */
    void await() throws InterruptedException {
        absent.countDown();
        looked.await();
    }

    /** By who started them. Not by a unit: vtlab's answer is a read of a file, for which JDK 21 adds a carrier. */
    void look() throws InterruptedException {
        absent.await();
        work.allWait();
        looked.countDown();
    }
}
