// Pin.java — ways in which a request holds the carrier of a virtual thread while it waits, or once did.
package vtlab;

import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;

/** What --pin chooses (scenarios/params.h). */
enum Pin {
    /** Within a monitor. Until JDK 23 a frame that holds one could not leave its carrier; since JEP 491 it can. */
    SYNCHRONIZED {
        @Override
        void request(Work work, int unit) throws IOException {
            synchronized (work.connections[unit]) {
                work.request(unit);
            }
        }
    },
    /** Below a frame of the JVM itself, which cannot be moved off the stack in any release. */
    NATIVE {
        @Override
        void request(Work work, int unit) throws IOException {
            Initializer.run(() -> work.request(unit));
        }
    },
    /**
     * As Java reads files, pipes and terminals: read(2), whoever calls. Until JDK 22 the scheduler is told of each
     * such call and may add a carrier; since then of few.
     */
    FILE {
        @Override
        void request(Work work, int unit) throws IOException {
            var descriptor = Vtlab.descriptor(work.connections[unit]);
            new FileOutputStream(descriptor).write('r');
            if (new FileInputStream(descriptor).read() < 0) throw new IOException("the server went away");
        }
    };

    abstract void request(Work work, int unit) throws IOException;

    static Pin of(String word) {
        return valueOf(word.toUpperCase(java.util.Locale.ROOT));
    }
}
