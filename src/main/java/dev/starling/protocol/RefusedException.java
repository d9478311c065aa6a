package dev.starling.protocol;

/**
 * A request can't be done, for a reason that the client is told: an answer, not a fault of the server, hence without a stack
 * trace.
 */
public final class RefusedException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final ErrorCode code;

    /**
     * @param code what the client is told
     * @param message for people; shows nothing that the client may not know
     */
    public RefusedException(ErrorCode code, String message) {
        super(message, null, false, false);
        this.code = code;
    }

    /** What the client is told, in a sentence. */
    public String message() {
        return String.valueOf(getMessage());
    }

    /** What the client is told, as a code. */
    public ErrorCode code() {
        return code;
    }
}
