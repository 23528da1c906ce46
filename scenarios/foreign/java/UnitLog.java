// UnitLog.java — when each unit was asked for and finished, in memory that vtlab made and reads.
package vtlab;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;

/** Layout: docs/child-protocol.md. Which kernel task a unit ran on Java does not say: those fields stay 0. */
final class UnitLog {
    private static final int HEADER = 64, RECORD = 32;
    private static final int ASKED = 0, FINISHED = 8, ERROR = 24;
    private static final VarHandle INT =
            MethodHandles.byteBufferViewVarHandle(int[].class, ByteOrder.nativeOrder());

    private final ByteBuffer memory;

    UnitLog(int units) throws IOException {
        long bytes = HEADER + (long) RECORD * units;
        try (var file = new RandomAccessFile(Vtlab.unitLogPath(), "rw")) {
            var mapped = file.getChannel().map(FileChannel.MapMode.READ_WRITE, 0, bytes);
            // Touched now, so that it does not count as memory of the units.
            for (int at = 0; at < bytes; at += 4096) mapped.put(at, mapped.get(at));
            memory = mapped.order(ByteOrder.nativeOrder());
        }
    }

    private static int at(int unit, int field) {
        return HEADER + RECORD * unit + field;
    }

    void asked(int unit) {
        memory.putLong(at(unit, ASKED), System.nanoTime()); // CLOCK_MONOTONIC
    }

    void finished(int unit) {
        memory.putLong(at(unit, FINISHED), System.nanoTime());
        INT.getAndAdd(memory, 0, 1);
    }

    void failed(int unit, int errno) {
        memory.putInt(at(unit, ERROR), errno);
    }
}
