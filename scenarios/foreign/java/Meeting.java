// Meeting.java — where units wait until all are there and vtlab has looked at the process.
package vtlab;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

final class Meeting {
    private final Work work;
    private final AtomicInteger arrived = new AtomicInteger();
    private final CountDownLatch looked = new CountDownLatch(1);

    Meeting(Work work) {
        this.work = work;
    }

    void await() throws InterruptedException {
        if (arrived.incrementAndGet() == work.params.tasks()) {
            work.allWait();
            looked.countDown();
        }
        looked.await();
    }
}
