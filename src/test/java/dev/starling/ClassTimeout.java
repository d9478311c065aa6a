package dev.starling;

import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Fails a test class that takes too long, wherever it hangs, {@code @BeforeAll} and {@code @AfterAll} included: it prints
 * what all threads are doing and interrupts the one that runs the class. If that does not help, it ends the JVM, since a
 * build that hangs tells less than one that fails. JUnit finds it as a service.
 */
public final class ClassTimeout implements BeforeAllCallback, AfterAllCallback {

    static final String LIMIT = "starling.class.timeout";
    static final String GRACE_PROPERTY = "starling.class.grace";
    static final int STATUS = 86;

    private static final Duration USUAL = Duration.ofMinutes(10);
    private static final Duration LONG = Duration.ofHours(2);

    /** How long an interrupted class may take to end. */
    private static final Duration GRACE = Duration.parse(System.getProperty(GRACE_PROPERTY, "PT20S"));

    private static final ExtensionContext.Namespace NAMESPACE = ExtensionContext.Namespace.create(ClassTimeout.class);

    /** For JUnit. */
    public ClassTimeout() {}

    @Override
    public void beforeAll(ExtensionContext context) {
        Class<?> type = context.getRequiredTestClass();
        Duration limit =
                context.getConfigurationParameter(LIMIT, Duration::parse).orElse(isLong(type) ? LONG : USUAL);
        Watch watch = new Watch(type.getName(), limit, Thread.currentThread());
        context.getStore(NAMESPACE).put(type, watch);
        watch.start();
    }

    @Override
    public void afterAll(ExtensionContext context) {
        Watch watch = context.getStore(NAMESPACE).remove(context.getRequiredTestClass(), Watch.class);
        if (watch != null) {
            watch.end();
        }
    }

    private static boolean isLong(Class<?> type) {
        return isTagged(type.getAnnotationsByType(Tag.class))
                || Arrays.stream(type.getDeclaredMethods())
                        .anyMatch(method -> isTagged(method.getAnnotationsByType(Tag.class)));
    }

    private static boolean isTagged(Tag[] tags) {
        return Arrays.stream(tags).anyMatch(tag -> tag.value().equals("long"));
    }

    private static final class Watch extends Thread {

        private final String type;
        private final Duration limit;
        private final Thread runner;
        private final CountDownLatch ended = new CountDownLatch(1);
        private volatile boolean late;

        Watch(String type, Duration limit, Thread runner) {
            super("class-timeout");
            this.type = type;
            this.limit = limit;
            this.runner = runner;
            setDaemon(true);
        }

        @Override
        public void run() {
            try {
                if (ended.await(limit.toMillis(), TimeUnit.MILLISECONDS)) {
                    return;
                }
                late = true;
                dump();
                runner.interrupt();
                if (!ended.await(GRACE.toMillis(), TimeUnit.MILLISECONDS)) {
                    System.err.println(type + " does not end: the JVM is ended");
                    System.err.flush();
                    Runtime.getRuntime().halt(STATUS);
                }
            } catch (InterruptedException interrupted) {
                Thread.currentThread().interrupt();
            }
        }

        private void dump() {
            StringBuilder text = new StringBuilder(type + " takes longer than " + limit + ". All threads:\n");
            for (Map.Entry<Thread, StackTraceElement[]> entry :
                    Thread.getAllStackTraces().entrySet()) {
                Thread thread = entry.getKey();
                text.append('"')
                        .append(thread.getName())
                        .append("\" ")
                        .append(thread.getState())
                        .append('\n');
                Arrays.stream(entry.getValue())
                        .forEach(frame -> text.append("    at ").append(frame).append('\n'));
            }
            System.err.println(text);
            System.err.flush();
        }

        void end() {
            ended.countDown();
            if (late) {
                Thread.interrupted(); // ours, in case nobody was waiting
                throw new AssertionError(type + " took longer than " + limit + ": see the threads in its output");
            }
        }
    }
}
