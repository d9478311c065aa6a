package dev.starling.websocket;

import dev.starling.channel.ChannelHistory;
import dev.starling.channel.ChannelSubscription;
import dev.starling.channel.Recovered;
import dev.starling.protocol.ChannelName;
import dev.starling.protocol.ClientFrame;
import dev.starling.protocol.CloseCode;
import dev.starling.protocol.ErrorCode;
import dev.starling.protocol.RefusedException;
import dev.starling.protocol.RequestId;
import dev.starling.protocol.ServerFrame;
import dev.starling.protocol.StreamPosition;
import dev.starling.security.ChannelPermissions;
import dev.starling.security.InvalidTokenException;
import dev.starling.security.TokenVerifier;
import dev.starling.security.VerifiedToken;
import io.netty.util.concurrent.FastThreadLocal;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/** Does what clients ask for: one frame in, the replies out. Stateless; called on the session's event loop. */
final class FrameDispatcher {

    /** All is done already, nothing to wait for. */
    static final Mono<Void> DONE = Mono.empty();

    /** How many messages a {@code history} without a limit gets. */
    private static final int DEFAULT_HISTORY = 100;

    private static final FastThreadLocal<byte[]> SCRATCH = new FastThreadLocal<>();

    private final Node node;
    private final ChannelHistory past;
    private final ChannelPermissions permissions;
    private final TokenVerifier tokens;
    private final TokenClock clock;

    FrameDispatcher(
            Node node, ChannelHistory past, ChannelPermissions permissions, TokenVerifier tokens, TokenClock clock) {
        this.node = node;
        this.past = past;
        this.permissions = permissions;
        this.tokens = tokens;
        this.clock = clock;
    }

    /** A buffer of this thread for at least {@code length} bytes, good until the next call. */
    byte[] scratch(int length) {
        byte[] buffer = SCRATCH.get();
        if (buffer == null || buffer.length < length) {
            buffer = new byte[Math.max(length, 4096)];
            SCRATCH.set(buffer);
        }
        return buffer;
    }

    /** Says the first words of a connection; to whoever was refused while it was made, that they are the last ones. */
    void welcome(Session session) {
        if (tokens.isRefused(session.token())) {
            session.close(CloseCode.REVOKED); // it was not there yet when the others were ended
            return;
        }
        TokenClock.Times times = clock.times(session.token());
        session.send(new ServerFrame.Welcome(
                session.id(),
                node.name(),
                node.heartbeatInterval().toMillis(),
                (int) node.limits().maxMessageSize().toBytes(),
                times.expiresInMillis(),
                times.refreshInMillis()));
    }

    /** Completes when the frame is dealt with and its reply sent; an error is a fault of the server. */
    Mono<Void> dispatch(Session session, ClientFrame frame) {
        if (frame instanceof ClientFrame.Publish publish) {
            return publish(session, publish);
        } else if (frame instanceof ClientFrame.Ping ping) {
            return reply(session, new ServerFrame.Pong(ping.id(), System.currentTimeMillis()));
        } else if (frame instanceof ClientFrame.Subscribe subscribe) {
            return subscribe(session, subscribe);
        } else if (frame instanceof ClientFrame.Unsubscribe unsubscribe) {
            return unsubscribe(session, unsubscribe);
        } else if (frame instanceof ClientFrame.Refresh refresh) {
            return refresh(session, refresh);
        } else if (frame instanceof ClientFrame.History history) {
            return history(session, history);
        } else if (frame instanceof ClientFrame.Presence presence) {
            return presence(session, presence);
        }
        throw new AssertionError(frame);
    }

    private Mono<Void> publish(Session session, ClientFrame.Publish publish) {
        ChannelName channel = publish.channel();
        if (!permissions.mayPublish(session.token(), channel)) {
            return refuse(session, publish, ErrorCode.FORBIDDEN, "you may not publish here");
        }
        Mono<StreamPosition> published = node.hub().publish(channel, publish.data(), publish.key());
        RequestId id = publish.id();
        return id == null
                ? published.then()
                : published
                        .doOnSuccess(position -> session.send(new ServerFrame.Published(id, channel, position)))
                        .then();
    }

    private Mono<Void> subscribe(Session session, ClientFrame.Subscribe subscribe) {
        String token = subscribe.token();
        return token == null
                ? join(session, subscribe, session.token())
                : verify(session, token).flatMap(own -> join(session, subscribe, own));
    }

    private Mono<Void> join(Session session, ClientFrame.Subscribe subscribe, VerifiedToken token) {
        ChannelName channel = subscribe.channel();
        ChannelSubscription known = session.subscription(channel);
        if (known != null) {
            return reply(session, new ServerFrame.Subscribed(subscribe.id(), channel, session.position(known), null));
        }
        if (!permissions.maySubscribe(token, channel)) {
            return refuse(session, subscribe, ErrorCode.FORBIDDEN, "you may not subscribe here");
        }
        int limit = node.limits().maxSubscriptions();
        if (limit > 0 && session.subscriptionCount() >= limit) {
            return refuse(
                    session,
                    subscribe,
                    ErrorCode.TOO_MANY_SUBSCRIPTIONS,
                    "a connection has at most " + limit + " subscriptions");
        }
        StreamPosition since = subscribe.recover();
        if (since != null) {
            return session.whenCaughtUp()
                    .then(node.hub().recover(channel, since, session.loop()))
                    .doOnNext(recovered -> {
                        recovered(session, subscribe.id(), recovered);
                        note(session, subscribe, recovered.subscription(), token);
                    })
                    .then();
        }
        return node.hub()
                .subscribe(channel, session, session.loop())
                .doOnNext(joined -> {
                    joined(session, subscribe.id(), joined, null);
                    note(session, subscribe, joined, token);
                })
                .then();
    }

    /** Notes by which token a subscription stands, if that is not the connection's, since it may be refused. */
    private void note(
            Session session, ClientFrame.Subscribe subscribe, ChannelSubscription subscription, VerifiedToken token) {
        if (subscribe.token() != null && token.id() != null) {
            subscription.grantedBy(token.id());
            if (tokens.isRefused(token)) { // since it was verified
                endGrantedBy(session, token.id());
            }
        }
    }

    /** Ends the subscriptions of a session that stand by this token. On the session's event loop. */
    static void endGrantedBy(Session session, String token) {
        for (ChannelName channel : session.channels()) {
            ChannelSubscription subscription = session.subscription(channel);
            if (subscription != null && token.equals(subscription.grant())) {
                session.leave(channel);
                session.send(new ServerFrame.Failure(
                        ErrorCode.FORBIDDEN, "the token of this subscription was revoked", null, null, channel));
            }
        }
    }

    /** Begins a subscription that the hub has made; {@code recovered} as in the reply. */
    static void joined(
            Session session, @Nullable RequestId id, ChannelSubscription joined, @Nullable Boolean recovered) {
        if (session.join(joined)) {
            session.send(new ServerFrame.Subscribed(id, joined.channel(), joined.position(), recovered));
        }
    }

    /** The same with one that begins in the past. */
    static void recovered(Session session, @Nullable RequestId id, Recovered recovered) {
        ChannelName channel = recovered.subscription().channel();
        if (session.join(recovered)) {
            session.send(new ServerFrame.Subscribed(id, channel, recovered.position(), recovered.recovered()));
            session.resume();
        }
    }

    /** A subscription may stand by a token of its own. */
    private Mono<Void> history(Session session, ClientFrame.History history) {
        ChannelName channel = history.channel();
        if (session.subscription(channel) == null && !permissions.maySubscribe(session.token(), channel)) {
            return refuse(session, history, ErrorCode.FORBIDDEN, "you may not subscribe here");
        }
        WebSocketProperties.History most = node.history();
        int wanted = history.limit() == 0 ? DEFAULT_HISTORY : history.limit();
        int limit = Math.min(wanted, most.maxMessages());
        return past.after(channel, history.since(), limit, most.maxBytes().toBytes())
                .publishOn(Schedulers.fromExecutor(session.loop()))
                .flatMap(page ->
                        session.sendLarge(new ServerFrame.History(history.id(), channel, page.top(), page.messages())));
    }

    private Mono<Void> unsubscribe(Session session, ClientFrame.Unsubscribe unsubscribe) {
        ChannelName channel = unsubscribe.channel();
        if (session.subscription(channel) == null) {
            return refuse(session, unsubscribe, ErrorCode.NOT_SUBSCRIBED, "there is no such subscription");
        }
        session.leave(channel);
        return reply(session, new ServerFrame.Unsubscribed(unsubscribe.id(), channel));
    }

    private Mono<Void> presence(Session session, ClientFrame.Presence presence) {
        ChannelName channel = presence.channel();
        if (session.subscription(channel) == null && !permissions.maySubscribe(session.token(), channel)) {
            return refuse(session, presence, ErrorCode.FORBIDDEN, "you may not subscribe here");
        }
        return node.presence()
                .read(presence.id(), channel)
                .publishOn(Schedulers.fromExecutor(session.loop()))
                .flatMap(session::sendLarge);
    }

    private Mono<Void> refresh(Session session, ClientFrame.Refresh refresh) {
        return verify(session, refresh.token())
                .doOnNext(fresh -> refreshed(session, refresh.id(), fresh))
                .then();
    }

    private void refreshed(Session session, @Nullable RequestId id, VerifiedToken fresh) {
        session.refresh(fresh);
        if (tokens.isRefused(fresh)) {
            session.close(CloseCode.REVOKED);
            return;
        }
        for (ChannelName channel : session.channels()) {
            if (!permissions.maySubscribe(fresh, channel)) {
                session.leave(channel);
                session.send(new ServerFrame.Failure(
                        ErrorCode.FORBIDDEN, "the new token does not grant this channel", null, null, channel));
            }
        }
        TokenClock.Times times = clock.times(fresh);
        session.send(new ServerFrame.Refreshed(id, times.expiresInMillis(), times.refreshInMillis()));
    }

    /** Verifies a token that came in a frame, which must be the same user's; the result comes on the session's event loop. */
    private Mono<VerifiedToken> verify(Session session, String token) {
        return tokens.verify(token)
                .publishOn(Schedulers.fromExecutor(session.loop()))
                .doOnNext(fresh -> {
                    if (!fresh.user().equals(session.token().user())) {
                        throw new RefusedException(ErrorCode.INVALID_TOKEN, "the token is another user's");
                    }
                });
    }

    /** Tells the client what went wrong; what is no answer is a fault of ours, and logged. Any thread may call it. */
    void failed(Session session, ClientFrame frame, Throwable failure) {
        if (failure instanceof RefusedException refused) {
            refuse(session, frame, refused.code(), refused.message());
        } else if (failure instanceof InvalidTokenException invalid) {
            refuse(session, frame, ErrorCode.INVALID_TOKEN, invalid.reason());
        } else {
            node.log().failed(session, failure);
            refuse(session, frame, ErrorCode.INTERNAL, "the server failed; it is logged there");
        }
    }

    private static Mono<Void> refuse(Session session, ClientFrame frame, ErrorCode code, String message) {
        return reply(session, new ServerFrame.Failure(code, message, null, frame.id(), frame.channel()));
    }

    private static Mono<Void> reply(Session session, ServerFrame frame) {
        session.send(frame);
        return DONE;
    }
}
