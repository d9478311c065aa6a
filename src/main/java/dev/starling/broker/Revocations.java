package dev.starling.broker;

import dev.starling.protocol.ErrorCode;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * The refusals that hold on all nodes. A node that could not be told of a change learns it within a heartbeat after it is back;
 * meanwhile it goes by what it knows. Each is forgotten when it is over. No method blocks, and all may be called by any thread.
 */
public interface Revocations {

    /**
     * Refuse somebody, in place of what was said about the same subject before. Completes when this node refuses it and the others were told.
     * Fails with {@link ErrorCode#BROKER_UNAVAILABLE} if that can't be, after which it may or may not hold, or if there are as many as there may be
     * ({@code starling.security.max-refusals}); with {@link IllegalArgumentException} if it is over, or holds for more than 30 days.
     */
    Mono<Void> refuse(Refusal refusal);

    /**
     * Refuse it no longer; no matter if it isn't. Completes as {@link #refuse} does, and fails with
     * {@link ErrorCode#BROKER_UNAVAILABLE}.
     */
    Mono<Void> lift(Refusal.Kind kind, String subject);

    /**
     * Whether the user or the token is refused now, as far as this node knows.
     *
     * @param tokenId null if the token has no name
     */
    boolean isRefused(@Nullable String user, @Nullable String tokenId);

    /** What is refused now, as far as this node knows, in no order. */
    List<Refusal> refusals();

    /**
     * Have {@code listener} told of each refusal that is new to this node, whoever made it, after {@link #isRefused} says so.
     * Called by any thread, and must not block.
     */
    void listen(Consumer<Refusal> listener);
}
