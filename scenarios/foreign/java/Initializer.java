// Initializer.java — runs something as the static initialiser of a class: the JVM is on the stack below it.
package vtlab;

import java.io.IOException;
import java.lang.constant.ConstantDescs;
import java.lang.invoke.MethodHandles;

/** A class is initialised once, so each call makes a new one of the same bytes. */
final class Initializer {
    interface Body {
        void run() throws IOException;
    }

    private static final byte[] BYTES = bytes();

    private static byte[] bytes() {
        try (var file = Initializer.class.getResourceAsStream("Initializer$Once.class")) {
            return file.readAllBytes();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    static void run(Body body) throws IOException {
        try {
            MethodHandles.lookup().defineHiddenClassWithClassData(BYTES, body, true);
        } catch (ExceptionInInitializerError e) {
            throw new IOException(e.getCause());
        } catch (IllegalAccessException e) {
            throw new IllegalStateException(e);
        }
    }

    private static final class Once {
        static {
            try {
                MethodHandles.classData(MethodHandles.lookup(), ConstantDescs.DEFAULT_NAME, Body.class).run();
            } catch (IOException | IllegalAccessException e) {
                throw new ExceptionInInitializerError(e);
            }
        }
    }
}
