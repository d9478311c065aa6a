package dev.starling.security;

/** Two keys are configured where one is meant; a guess could let in tokens of somebody else. */
final class ConflictingKeysException extends RuntimeException {

    ConflictingKeysException() {
        super(
                "both " + KeySource.SECRET_PROPERTY + " and a key of " + KeySource.SPRING_PREFIX
                        + "* (issuer-uri, jwk-set-uri or public-key-location) are configured; tokens are verified with one key only");
    }
}
