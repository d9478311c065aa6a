package dev.starling.api;

import dev.starling.channel.ChannelHub;
import dev.starling.protocol.ClientFrame;
import dev.starling.protocol.ErrorCode;
import dev.starling.protocol.RefusedException;
import dev.starling.protocol.StreamPosition;
import dev.starling.security.ChannelPermissions;
import dev.starling.security.TokenVerifier;
import dev.starling.security.VerifiedToken;
import reactor.core.publisher.Mono;

/** Publishes for back ends, to the channels that their token or key itself grants: the rules are for clients. Thread-safe. */
final class Publications {

    private final ChannelHub hub;
    private final TokenVerifier tokens;
    private final int maxBytes;

    /** @param maxBytes of one message */
    Publications(ChannelHub hub, TokenVerifier tokens, int maxBytes) {
        this.hub = hub;
        this.tokens = tokens;
        this.maxBytes = maxBytes;
    }

    /**
     * The most bytes of one message.
     */
    int maxBytes() {
        return maxBytes;
    }

    /** Completes as {@link ChannelHub#publish}; fails with a {@link RefusedException} only. */
    Mono<StreamPosition> publish(VerifiedToken caller, ClientFrame.Publish publish) {
        if (publish.data().length > maxBytes) {
            return refuse(ErrorCode.TOO_LARGE, "a message has at most " + maxBytes + " bytes");
        }
        if (!tokens.isStillValid(caller)) {
            return refuse(ErrorCode.INVALID_TOKEN, "the token has expired, or the token or key was revoked");
        }
        if (!ChannelPermissions.grantsPublishing(caller, publish.channel())) {
            return refuse(ErrorCode.FORBIDDEN, "you may not publish here");
        }
        return hub.publish(publish.channel(), publish.data(), publish.key());
    }

    private static Mono<StreamPosition> refuse(ErrorCode code, String message) {
        return Mono.error(() -> new RefusedException(code, message));
    }
}
