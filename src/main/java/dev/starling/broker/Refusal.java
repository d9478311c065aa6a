package dev.starling.broker;

/**
 * A user, or a token, that no node lets in although its token is valid.
 *
 * @param subject the user, or what the token is called (RFC 7519, claim {@code jti}): 1 to 255 characters
 * @param untilMillis how long this holds, in milliseconds since 1970
 */
public record Refusal(Kind kind, String subject, long untilMillis) {

    /** Characters of a subject. */
    public static final int MAX_LENGTH = 255;

    /** What is refused. */
    public enum Kind {
        /** All tokens of a user. */
        USER,
        /** The one token of this name. */
        TOKEN
    }

    /** @throws IllegalArgumentException if the subject is empty or too long */
    public Refusal {
        if (subject.isEmpty() || subject.length() > MAX_LENGTH) {
            throw new IllegalArgumentException("what is refused has " + subject.length()
                    + " characters, but must have between 1 and " + MAX_LENGTH);
        }
    }
}
