// FlightRecorder.java — how many units the JVM itself has counted, by the events of its flight recorder.
package vtlab;

import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.function.BiConsumer;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;

/** To be made before the gate: it starts threads. Asked when the window is closed: that takes a while. */
final class FlightRecorder {
    private final boolean virtual;
    private final Recording recording = new Recording();
    /** By id: JDK 21 says of a platform thread twice that it has ended. */
    private final Set<Long> started = new HashSet<>(), ended = new HashSet<>();
    private long pinned, lost;

    FlightRecorder(boolean virtual) {
        this.virtual = virtual;
        recording.enable(virtual ? "jdk.VirtualThreadStart" : "jdk.ThreadStart").withoutStackTrace();
        recording.enable(virtual ? "jdk.VirtualThreadEnd" : "jdk.ThreadEnd").withoutStackTrace();
        recording.enable("jdk.VirtualThreadPinned").withThreshold(Duration.ZERO).withoutStackTrace();
        recording.enable("jdk.DataLoss");
        recording.start();
    }

    /** What it counted of the threads with these ids; nothing if it lost some. */
    void report(Set<Long> units, BiConsumer<String, Long> metric) throws IOException {
        recording.stop();
        var path = Files.createTempFile("vtlab", ".jfr");
        try {
            recording.dump(path);
            recording.close();
            try (var events = new RecordingFile(path)) {
                while (events.hasMoreEvents()) count(events.readEvent(), units);
            }
        } finally {
            Files.delete(path);
        }
        if (lost > 0) {
            metric.accept("runtime_records_lost", lost);
            return;
        }
        metric.accept("runtime_units_started", (long) started.size());
        metric.accept("runtime_units_ended", (long) ended.size());
        if (virtual) metric.accept("runtime_pins", pinned);
    }

    private void count(RecordedEvent event, Set<Long> units) {
        String type = event.getEventType().getName();
        if (type.equals("jdk.DataLoss")) lost++;
        long thread = threadOf(event);
        if (!units.contains(thread)) return;
        switch (type) {
            case "jdk.VirtualThreadStart", "jdk.ThreadStart" -> started.add(thread);
            case "jdk.VirtualThreadEnd", "jdk.ThreadEnd" -> ended.add(thread);
            case "jdk.VirtualThreadPinned" -> pinned++;
            default -> { }
        }
    }

    /** -1 if the event is of no thread of Java. */
    private static long threadOf(RecordedEvent event) {
        if (event.hasField("javaThreadId")) return event.getLong("javaThreadId");
        var thread = event.hasField("thread") ? event.getThread("thread") : event.getThread();
        return thread == null ? -1 : thread.getJavaThreadId();
    }
}
