package dev.starling.api;

/** A caller asks for more than its rate allows. */
final class RateLimitedException extends RuntimeException {

    private final long waitMillis;

    /** @param waitMillis how long to wait at least, in milliseconds */
    RateLimitedException(long waitMillis) {
        super("wait " + waitMillis + " ms", null, false, false);
        this.waitMillis = waitMillis;
    }

    long waitMillis() {
        return waitMillis;
    }
}
