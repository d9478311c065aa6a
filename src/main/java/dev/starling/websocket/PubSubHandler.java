package dev.starling.websocket;

import io.netty.channel.Channel;
import java.util.concurrent.ThreadLocalRandom;
import org.springframework.web.reactive.socket.WebSocketHandler;
import org.springframework.web.reactive.socket.WebSocketSession;
import reactor.core.publisher.Mono;
import reactor.core.publisher.MonoSink;

/** Makes a {@link Session} of each upgraded connection: its frames in, its channels' messages out, until it ends. */
final class PubSubHandler implements WebSocketHandler {

    /** The one subprotocol that the server speaks; a client that names none gets the same. */
    static final String SUBPROTOCOL = "starling.v1";

    private final Node node;
    private final FrameDispatcher dispatcher;
    private final Heartbeat heartbeat;

    PubSubHandler(Node node, FrameDispatcher dispatcher, Heartbeat heartbeat) {
        this.node = node;
        this.dispatcher = dispatcher;
        this.heartbeat = heartbeat;
    }

    /** Completes when the connection is gone. Subscribed to on the channel's event loop. */
    @Override
    public Mono<Void> handle(WebSocketSession session) {
        return Mono.create(end -> open((UpgradedSession) session, end));
    }

    private void open(UpgradedSession upgraded, MonoSink<Void> end) {
        Channel channel = upgraded.channel();
        if (!channel.isActive()) {
            upgraded.upgrade().permit().release(); // gone while it was upgraded, and its pipeline with it
            end.success();
            return;
        }
        Liveness liveness = heartbeat.begin();
        Outbox outbox = SessionPipeline.prepare(
                channel,
                liveness,
                (int) node.limits().maxMessageSize().toBytes(),
                upgraded.upgrade().deflates());
        Session session =
                new Session(ThreadLocalRandom.current().nextLong(), node, outbox, upgraded.upgrade(), liveness, end);
        upgraded.inbound().headers().clear(); // they would live as long as the connection
        node.opened(session, channel);
        upgraded.frames().subscribe(new Inbound(session, dispatcher, upgraded.inbound()));
    }
}
