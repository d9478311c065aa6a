package dev.starling.security;

/**
 * A token that is not valid: malformed, badly signed, expired, not for this server, or with claims that make no sense. The message says
 * why and has no part of the token in it, so it may be logged and told to the client. A client can cause it at will, hence it has no stack
 * trace and no cause.
 */
public final class InvalidTokenException extends RuntimeException {

    /** @param reason for people, without any part of the token */
    InvalidTokenException(String reason) {
        super(reason, null, false, false);
    }

    /** Why, for people; without any part of the token. */
    public String reason() {
        return String.valueOf(getMessage());
    }
}
