package dev.starling.broker;

import java.security.SecureRandom;
import java.util.concurrent.ThreadLocalRandom;

/** Names for new incarnations of a history: up to 13 letters and digits that nobody has used before. Any thread may ask. */
public final class Epochs {

    private static final int RADIX = 36;

    /** What sets two nodes apart that were started at the same moment, which is all that the quick generator knows. */
    private final long node = new SecureRandom().nextLong();

    /** One that was not there before. */
    public String next() {
        return Long.toUnsignedString(node ^ ThreadLocalRandom.current().nextLong(), RADIX);
    }
}
