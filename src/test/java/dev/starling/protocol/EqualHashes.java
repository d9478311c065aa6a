package dev.starling.protocol;

import java.util.stream.IntStream;

/** Names that an attacker chooses so that Java's hash tables keep them all in one bin. */
public final class EqualHashes {

    /** The characters that {@link #of} adds to a prefix. */
    private static final int DIGITS = 7;

    private static final char LEAST_DIGIT = ';';
    private static final int RADIX = 31;

    private EqualHashes() {}

    /** The well-known ones: sixteen times {@code Aa} or {@code BB}, after a prefix that all have in common. */
    public static String letters(String prefix, int number) {
        StringBuilder name = new StringBuilder(prefix);
        for (int bit = 15; bit >= 0; bit--) {
            name.append((number >> bit & 1) == 0 ? "Aa" : "BB");
        }
        return name.toString();
    }

    /** Of different hashes that are the same once a hash table has put their upper half on the lower one. */
    public static String spread(String prefix, int number) {
        int half = number & 0xffff;
        return of(prefix, half << 16 | half);
    }

    /** The key that makes the pair of a channel and itself hash to the same for all channels, as records do. */
    public static String pairedWith(String channel) {
        return of("", -RADIX * channel.hashCode());
    }

    /** A name with this prefix and this hash. */
    static String of(String prefix, int hash) {
        int fixed = IntStream.range(0, DIGITS).reduce(prefix.hashCode(), (sum, i) -> sum * RADIX + LEAST_DIGIT);
        long rest = Integer.toUnsignedLong(hash - fixed);
        StringBuilder digits = new StringBuilder();
        for (int i = 0; i < DIGITS; i++) {
            digits.append((char) (LEAST_DIGIT + rest % RADIX));
            rest /= RADIX;
        }
        return prefix + digits.reverse();
    }
}
