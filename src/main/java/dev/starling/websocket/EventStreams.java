package dev.starling.websocket;

import dev.starling.channel.ChannelHistory;
import dev.starling.channel.ChannelHub;
import dev.starling.protocol.ChannelName;
import dev.starling.protocol.ClientFrame;
import dev.starling.protocol.CloseCode;
import dev.starling.protocol.ErrorCode;
import dev.starling.protocol.RefusedException;
import dev.starling.protocol.StreamPosition;
import dev.starling.security.ChannelPermissions;
import dev.starling.security.ClientAddressResolver;
import dev.starling.security.ConnectionPermit;
import dev.starling.security.Problem;
import dev.starling.security.UpgradeRefusal;
import dev.starling.security.UpgradeRefusals;
import dev.starling.security.VerifiedToken;
import io.netty.channel.Channel;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;
import org.springframework.http.CacheControl;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.server.reactive.ServerHttpResponse;
import org.springframework.http.server.reactive.ServerHttpResponseDecorator;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;
import reactor.netty.NettyPipeline;
import reactor.netty.channel.ChannelOperations;
import reactor.netty.http.server.HttpServerResponse;

/**
 * Serves a channel as an event stream to those who can't speak WebSocket. Such a stream is a session as any other, which
 * subscribes once and can't ask for more; its requests pass the {@link AdmissionFilter}. The response is delimited by the
 * end of the connection, so that proxies of HTTP/1.0 do, and nothing has to be put around what is written once for all.
 * Thread-safe.
 */
public final class EventStreams {

    /** Where the streams are. */
    public static final String PATH = "/api/channels/{channel}/events";

    private static final Problem NOT_HTTP_1 = new Problem(
            HttpStatus.HTTP_VERSION_NOT_SUPPORTED,
            "Event streams are served by HTTP/1.1",
            null,
            "http_version_not_supported");

    private final Node node;
    private final ChannelHistory past;
    private final FrameDispatcher dispatcher;
    private final Heartbeat heartbeat;
    private final ChannelPermissions permissions;
    private final ClientAddressResolver addresses;
    private final UpgradeRefusals refusals;

    EventStreams(
            Node node,
            ChannelHistory past,
            FrameDispatcher dispatcher,
            Heartbeat heartbeat,
            ChannelPermissions permissions,
            ClientAddressResolver addresses,
            UpgradeRefusals refusals) {
        this.node = node;
        this.past = past;
        this.dispatcher = dispatcher;
        this.heartbeat = heartbeat;
        this.permissions = permissions;
        this.addresses = addresses;
        this.refusals = refusals;
    }

    /**
     * Answers a request with the stream of a channel, or a {@code HEAD} with what a {@code GET} would be told. Completes when the
     * subscription stands, and the stream goes on; fails with {@link ErrorCode#FORBIDDEN} before anything is written.
     *
     * @param since what the client has seen last, so that it gets what it missed since; null if it begins now
     */
    public Mono<Void> serve(
            ServerWebExchange exchange, ChannelName channel, @Nullable StreamPosition since, VerifiedToken token) {
        if (!permissions.maySubscribe(token, channel)) {
            return Mono.error(new RefusedException(ErrorCode.FORBIDDEN, "you may not subscribe here"));
        }
        if (!AdmissionFilter.permit(exchange).claimUser(token.user())) {
            return refusals.write(exchange, UpgradeRefusal.USER_LIMIT);
        }
        ServerHttpResponse response = exchange.getResponse();
        HttpServerResponse netty = ServerHttpResponseDecorator.getNativeResponse(response);
        Channel connection = ((ChannelOperations<?, ?>) netty).channel();
        if (connection.pipeline().get(NettyPipeline.HttpCodec) == null) {
            return NOT_HTTP_1.write(exchange);
        }
        HttpHeaders headers = response.getHeaders();
        headers.setContentType(MediaType.TEXT_EVENT_STREAM);
        headers.setCacheControl(CacheControl.noStore());
        headers.set("X-Accel-Buffering", "no"); // or nginx would collect some kilobytes first
        Mono<Void> head = response.setComplete();
        return exchange.getRequest().getMethod().equals(HttpMethod.HEAD)
                ? head
                : head.then(Mono.defer(() -> sendHead(netty)))
                        .then(Mono.defer(() -> stream(exchange, connection, channel, since, token)))
                        .onErrorResume(UpgradeStrategy::isGone, gone -> Mono.empty());
    }

    private static Mono<Void> sendHead(HttpServerResponse netty) {
        return netty.chunkedTransfer(false).keepAlive(false).sendHeaders().then();
    }

    /** On the channel's event loop, which has written the head. */
    private Mono<Void> stream(
            ServerWebExchange exchange,
            Channel connection,
            ChannelName channel,
            @Nullable StreamPosition since,
            VerifiedToken token) {
        if (!connection.isActive()) {
            return Mono.empty();
        }
        ConnectionPermit permit = AdmissionFilter.permit(exchange);
        AdmissionFilter.handOver(exchange);
        UpgradeInfo client = new UpgradeInfo(null, token, addresses.of(exchange.getRequest()), permit, false);
        Session session = open(connection, client);
        ClientFrame.Subscribe subscribe = new ClientFrame.Subscribe(null, channel, since, null);
        return subscribe(session, subscribe)
                .onErrorResume(failure -> Mono.fromRunnable(() -> failed(session, subscribe, failure)));
    }

    private Session open(Channel connection, UpgradeInfo client) {
        int timeoutMillis = (int) heartbeat.settings().timeout().toMillis();
        EventStreamHandler handler = SessionPipeline.prepareStream(connection, timeoutMillis);
        Outbox outbox = new EventStreamOutbox(connection.pipeline().context(handler));
        long id = ThreadLocalRandom.current().nextLong();
        Session session = new Session(id, node, outbox, client, heartbeat.begin(), null);
        handler.serve(session);
        node.metrics().streamOpened();
        connection.closeFuture().addListener(closed -> node.metrics().streamClosed());
        node.opened(session, connection);
        session.traffic().received(0); // its request is the first and only thing that it says
        dispatcher.welcome(session);
        return session;
    }

    private Mono<Void> subscribe(Session session, ClientFrame.Subscribe subscribe) {
        ChannelHub hub = node.hub();
        ChannelName channel = subscribe.channel();
        StreamPosition since = subscribe.recover();
        if (since != null && past.isKept(channel)) {
            return hub.recover(channel, since, session.loop())
                    .doOnNext(recovered -> FrameDispatcher.recovered(session, null, recovered))
                    .then();
        }
        Boolean recovered = since == null ? null : false;
        return hub.subscribe(channel, session, session.loop())
                .doOnNext(joined -> FrameDispatcher.joined(session, null, joined, recovered))
                .then();
    }

    /** Without its subscription a stream is good for nothing; the client may try again. */
    private void failed(Session session, ClientFrame.Subscribe subscribe, Throwable failure) {
        dispatcher.failed(session, subscribe, failure);
        session.close(failure instanceof RefusedException ? CloseCode.INSUFFICIENT_STATE : CloseCode.INTERNAL_ERROR);
    }
}
