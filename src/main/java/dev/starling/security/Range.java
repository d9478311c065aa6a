package dev.starling.security;

import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import org.springframework.util.unit.DataSize;

/** The range that a property allows; what is outside stops the start with a message that names all three. */
public final class Range {

    private static final Duration LONG_TIME = Duration.ofDays(36_500);

    private Range() {}

    /** Expects a value within a range, both ends of which are allowed. */
    public static void of(String property, int value, int min, int max) {
        if (value < min || value > max) {
            throw outside(property, value, min + " to " + max);
        }
    }

    /** A limit: 0 stands for none. */
    static void zeroOr(String property, int value, int min, int max) {
        if (value != 0 && (value < min || value > max)) {
            throw outside(property, value, "0 (no limit), or " + min + " to " + max);
        }
    }

    /** The same for a time. */
    public static void of(String property, Duration value, Duration min, Duration max) {
        if (value.compareTo(min) < 0 || value.compareTo(max) > 0) {
            throw outside(property, text(value), text(min) + " to " + text(max));
        }
    }

    /** The same for a size. */
    public static void of(String property, DataSize value, DataSize min, DataSize max) {
        if (value.compareTo(min) < 0 || value.compareTo(max) > 0) {
            throw outside(property, text(value), text(min) + " to " + text(max));
        }
    }

    static void zeroOr(String property, DataSize value, DataSize min, DataSize max) {
        if (!value.equals(DataSize.ofBytes(0)) && (value.compareTo(min) < 0 || value.compareTo(max) > 0)) {
            throw outside(property, text(value), "0, or " + text(min) + " to " + text(max));
        }
    }

    /** A list whose entries a parser takes or refuses with an IllegalArgumentException that says what is allowed. */
    static void of(String property, List<String> values, Consumer<String> parser) {
        for (int i = 0; i < values.size(); i++) {
            try {
                parser.accept(values.get(i));
            } catch (IllegalArgumentException e) {
                // Without the cause, since Boot's report of a failed start shows the innermost message only.
                throw new IllegalArgumentException(
                        property + "[" + i + "] is '" + values.get(i) + "': " + e.getMessage());
            }
        }
    }

    static IllegalArgumentException outside(String property, Object value, String allowed) {
        return new IllegalArgumentException(property + " is " + value + "; allowed: " + allowed);
    }

    /** As people write it in a configuration: 90s, not PT1M30S. */
    private static String text(Duration duration) {
        if (duration.abs().compareTo(LONG_TIME) > 0) {
            return duration.toString(); // more milliseconds than a long can count, perhaps
        }
        return duration.toMillis() % 1000 == 0 ? duration.toSeconds() + "s" : duration.toMillis() + "ms";
    }

    private static String text(DataSize size) {
        long bytes = size.toBytes();
        if (bytes == 0 || bytes % 1024 != 0) {
            return bytes + "B";
        }
        return bytes % (1024 * 1024) == 0 ? size.toMegabytes() + "MB" : size.toKilobytes() + "KB";
    }
}
