// Vtlab.java — the gate, the report and the connections: how this program and vtlab talk (docs/child-protocol.md).
package vtlab;

import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketImpl;
import java.nio.charset.StandardCharsets;
import java.util.Scanner;

/** Safe for any thread. If vtlab has gone, the program ends: there is nobody to work for. */
final class Vtlab {
    private static final int GATE = 3, REPORT = 4, UNIT_LOG = 5, CONNECTIONS = 7;

    private final FileInputStream gate = new FileInputStream(descriptor(GATE));
    private final FileOutputStream report = new FileOutputStream(descriptor(REPORT));

    /** Java opens files by name only; a descriptor that is already open has to be wrapped by force. */
    static FileDescriptor descriptor(int number) {
        try {
            var constructor = FileDescriptor.class.getDeclaredConstructor(int.class);
            constructor.setAccessible(true); // --add-opens java.base/java.io
            return constructor.newInstance(number);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }

    /** That of a socket, to read it as if it were a file. */
    static FileDescriptor descriptor(Socket socket) {
        try {
            var implementation = Socket.class.getDeclaredMethod("getImpl");
            implementation.setAccessible(true); // --add-opens java.base/java.net
            var descriptor = SocketImpl.class.getDeclaredMethod("getFileDescriptor");
            descriptor.setAccessible(true);
            return (FileDescriptor) descriptor.invoke(implementation.invoke(socket));
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }

    static String unitLogPath() {
        return "/proc/self/fd/" + UNIT_LOG;
    }

    synchronized void say(String line) {
        try {
            report.write((line + "\n").getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            Runtime.getRuntime().halt(3);
        }
    }

    void metric(String key, long value) {
        say("metric " + key + " " + value);
    }

    void waitAtGate() {
        try {
            if (gate.read() < 0) Runtime.getRuntime().halt(3);
        } catch (IOException e) {
            Runtime.getRuntime().halt(3);
        }
    }

    /** All units wait now; returns when they have been looked at. */
    void allWait() {
        say("waiting");
        waitAtGate();
    }

    /** One connection per unit, by TCP: descriptor 7 says "PORT TOKEN", and each connection begins with the token. */
    Socket[] connect(int count) throws IOException {
        try (var words = new Scanner(new FileInputStream(descriptor(CONNECTIONS)), StandardCharsets.US_ASCII)) {
            int port = words.nextInt();
            byte[] token = words.next().getBytes(StandardCharsets.US_ASCII);
            var sockets = new Socket[count];
            for (int i = 0; i < count; i++) {
                sockets[i] = new Socket(InetAddress.getLoopbackAddress(), port);
                sockets[i].setTcpNoDelay(true);
                sockets[i].getOutputStream().write(token);
            }
            return sockets;
        }
    }
}
