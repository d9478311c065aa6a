package dev.starling.setting;

import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.springframework.util.unit.DataSize;

/**
 * Checks that the value of a property is in its range, both ends of which are allowed. Each method throws an
 * {@link IllegalArgumentException} that names the property, its value and what is allowed, which stops the start.
 */
public final class Range {

    private static final Duration LONG_TIME = Duration.ofDays(36_500);
    private static final Set<Object> ZEROS = Set.of(Duration.ZERO, DataSize.ofBytes(0));
    private static final String[] TIMES = {"ms", "s", "m", "h", "d"};
    private static final long[] TIME_STEPS = {1000, 60, 60, 24};
    private static final String[] SIZES = {"B", "KB", "MB", "GB"};
    private static final long[] SIZE_STEPS = {1024, 1024, 1024};

    private Range() {}

    /** Checks a number, a {@link Duration} or a {@link DataSize}. */
    public static <T extends Comparable<T>> void of(String property, T value, T min, T max) {
        if (isOutside(value, min, max)) {
            throw outside(property, text(value), between(min, max));
        }
    }

    /** Checks a value for which 0 has a meaning of its own. */
    public static <T extends Comparable<T>> void zeroOr(String property, T value, T min, T max) {
        if (!ZEROS.contains(value) && isOutside(value, min, max)) {
            throw outside(property, text(value), "0 or " + between(min, max));
        }
    }

    private static <T extends Comparable<T>> boolean isOutside(T value, T min, T max) {
        return value.compareTo(min) < 0 || value.compareTo(max) > 0;
    }

    /** Checks a number that has to be a power of two. */
    public static void powerOfTwo(String property, int value, int min, int max) {
        if (isOutside(value, min, max) || Integer.bitCount(value) != 1) {
            throw outside(property, value, "a power of two " + between(min, max));
        }
    }

    /** Checks how many entries a list has. */
    public static void size(String property, Collection<?> values, int min, int max) {
        if (isOutside(values.size(), min, max)) {
            throw new IllegalArgumentException(
                    property + " has " + values.size() + " entries, but must have " + between(min, max));
        }
    }

    /** Checks the entries of a list with a parser that says what is wrong by an {@link IllegalArgumentException}. */
    public static void each(String property, List<String> values, Consumer<String> parser) {
        for (int i = 0; i < values.size(); i++) {
            parsed(property + "[" + i + "]", values.get(i), parser);
        }
    }

    /** Checks a text with a parser that says what is wrong by an {@link IllegalArgumentException}. */
    static void parsed(String property, String value, Consumer<String> parser) {
        try {
            parser.accept(value);
        } catch (IllegalArgumentException e) {
            // Without the cause, since Boot's report of a failed start shows the innermost message only.
            throw new IllegalArgumentException(property + " is '" + value + "': " + e.getMessage());
        }
    }

    /**
     * The exception for a value that is not allowed.
     *
     * @param allowed what it must be, as the sentence goes on
     */
    public static IllegalArgumentException outside(String property, Object value, String allowed) {
        return new IllegalArgumentException(property + " is " + value + ", but must be " + allowed);
    }

    private static String between(Object min, Object max) {
        return "between " + text(min) + " and " + text(max);
    }

    /** As people write it in a configuration: 90s, not PT1M30S. */
    private static String text(Object value) {
        if (value instanceof DataSize size) {
            return text(size.toBytes(), SIZES, SIZE_STEPS);
        }
        if (value instanceof Duration duration && duration.abs().compareTo(LONG_TIME) < 0) {
            return duration.isZero() ? "0s" : text(duration.toMillis(), TIMES, TIME_STEPS);
        }
        return value.toString(); // also a time of more milliseconds than a long can count
    }

    /** In the largest unit in which it is a whole number. */
    private static String text(long value, String[] units, long[] steps) {
        int unit = 0;
        while (value != 0 && unit < steps.length && value % steps[unit] == 0) {
            value /= steps[unit++];
        }
        return value + units[unit];
    }
}
