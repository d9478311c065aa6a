package dev.starling.security;

/** Whether one more connection is taken: a {@link ConnectionPermit}, or why not. */
public sealed interface Admission permits ConnectionPermit, Admission.Refused {

    /**
     * The connection is not taken, and nothing is held for it.
     *
     * @param reason why
     * @param retryAfterSeconds the least wait that can help
     */
    record Refused(UpgradeRefusal reason, int retryAfterSeconds) implements Admission {}
}
