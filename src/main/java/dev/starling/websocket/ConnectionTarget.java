package dev.starling.websocket;

import dev.starling.security.VerifiedToken;
import org.jspecify.annotations.Nullable;

/**
 * Which connections are meant: all to which one of these applies.
 *
 * @param connection the one of this id; null = none
 * @param user those of this user; null = nobody's
 * @param token those whose token has this id (claim {@code jti}); null = none
 */
public record ConnectionTarget(
        @Nullable String connection,
        @Nullable String user,
        @Nullable String token) {

    boolean isMeant(String id, VerifiedToken verified) {
        return id.equals(connection) || verified.user().equals(user) || (token != null && token.equals(verified.id()));
    }
}
