package dev.starling.security;

/** The keys to verify a token with cannot be had now, such as when the issuer does not answer; the token may be fine. */
public final class KeysUnavailableException extends RuntimeException {

    /** @param cause why, for the log */
    KeysUnavailableException(Throwable cause) {
        super("the keys of the token's issuer cannot be had now", cause);
    }
}
