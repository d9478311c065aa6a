package dev.starling;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.Locale;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Appends what each test class takes to a file: when it ended, its seconds, its processor seconds, and its name. JUnit finds it
 * as a service.
 */
public final class ClassTimes implements BeforeAllCallback, AfterAllCallback {

    static final Path FILE = Path.of("target", "class-times.txt");

    /** Of this process: processor time of itself and of the children that it has waited for, among others. */
    private static final Path STAT = Path.of("/proc/self/stat");

    private static final double TICKS_PER_SECOND = 100;
    private static final double NANOS_PER_SECOND = 1e9;
    private static final ExtensionContext.Namespace NAMESPACE = ExtensionContext.Namespace.create(ClassTimes.class);

    private record Start(long nanos, double cpuSeconds) {}

    /** For JUnit. */
    public ClassTimes() {}

    @Override
    public void beforeAll(ExtensionContext context) throws IOException {
        context.getStore(NAMESPACE).put(context.getRequiredTestClass(), new Start(System.nanoTime(), cpuSeconds()));
    }

    @Override
    public void afterAll(ExtensionContext context) throws IOException {
        Class<?> type = context.getRequiredTestClass();
        Start start = context.getStore(NAMESPACE).remove(type, Start.class);
        if (start != null && Files.isDirectory(FILE.getParent())) {
            String line = String.format(
                    Locale.ROOT,
                    "%s %7.1f %7.1f %s%n",
                    Instant.now().truncatedTo(ChronoUnit.SECONDS),
                    (System.nanoTime() - start.nanos) / NANOS_PER_SECOND,
                    cpuSeconds() - start.cpuSeconds,
                    type.getName());
            Files.writeString(FILE, line, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        }
    }

    /** So far; 0 where the system does not tell. */
    private static double cpuSeconds() throws IOException {
        if (!Files.exists(STAT)) {
            return 0;
        }
        String stat = Files.readString(STAT);
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
        return Arrays.stream(fields, 11, 15).mapToLong(Long::parseLong).sum() / TICKS_PER_SECOND;
    }
}
