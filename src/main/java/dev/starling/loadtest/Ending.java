package dev.starling.loadtest;

/**
 * How a connection ended.
 *
 * @param reason in few words, the same for the same kind: what endings are counted by
 * @param code the close code that the server sent; 0 if it sent none
 * @param retryAfterSeconds how long the server said to wait; 0 if it did not
 * @param asked whether this side wanted it
 */
record Ending(String reason, int code, int retryAfterSeconds, boolean asked) {

    static Ending of(String reason) {
        return new Ending(reason, 0, 0, false);
    }

    static Ending closed(int code) {
        return new Ending("closed with " + code, code, 0, false);
    }

    static Ending refused(int status, int retryAfterSeconds) {
        return new Ending("HTTP " + status, 0, retryAfterSeconds, false);
    }

    Ending wanted() {
        return new Ending(reason, code, retryAfterSeconds, true);
    }
}
