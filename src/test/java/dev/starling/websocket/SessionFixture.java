package dev.starling.websocket;

import dev.starling.channel.ChannelHub;
import dev.starling.channel.FreshPresence;
import dev.starling.channel.HubOptions;
import dev.starling.channel.Presence;
import dev.starling.protocol.FrameCodec;
import dev.starling.protocol.FrameLimits;
import dev.starling.security.ClientAddress;
import dev.starling.security.LimitsProperties;
import dev.starling.security.TestLimits;
import dev.starling.security.VerifiedToken;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.netty.channel.Channel;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import org.springframework.util.unit.DataSize;
import reactor.core.publisher.Mono;

/** A node without a server, and sessions on it without a network. */
final class SessionFixture implements AutoCloseable {

    final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    final ChannelHub hub;

    /** Kept in the channels {@code room:*}. */
    final Presence presence = FreshPresence.keptIn("room:*");

    final SessionLog log = new SessionLog(registry);
    final SessionMetrics metrics = new SessionMetrics(registry);
    final List<ClosedConnection> closed = new CopyOnWriteArrayList<>();
    final Node node;
    private final AtomicLong ids = new AtomicLong(1);

    /** @param limits such as {@code max-backlog=1KB}; the rest has its defaults */
    SessionFixture(String... limits) {
        this(new HubOptions().presence("room:*").hub(), limits);
    }

    SessionFixture(ChannelHub hub, String... limits) {
        this.hub = hub;
        LimitsProperties properties = TestLimits.of(limits);
        node = new Node(
                "test",
                Duration.ofSeconds(30),
                properties,
                new WebSocketProperties.History(1000, DataSize.ofMegabytes(1)),
                Inbound.Rates.of(properties),
                new FrameCodec(FrameLimits.DEFAULT),
                hub,
                presence,
                new SessionRegistry(loop -> {}),
                metrics,
                log,
                closed::add);
    }

    /** A session that is registered and ends with its channel, of a user whose token does not expire. */
    Session session(Wire wire, Outbox outbox) {
        return session(wire, outbox, new VerifiedToken("ann", null, 0, List.of(), List.of()));
    }

    Session session(Wire wire, Outbox outbox, VerifiedToken token) {
        return session(wire.channel, outbox, token);
    }

    Session session(Channel channel, Outbox outbox, VerifiedToken token) {
        UpgradeInfo upgrade = new UpgradeInfo(null, token, ClientAddress.LOCAL, TestLimits.permit(), false);
        Session[] made = new Session[1];
        Liveness liveness = new Liveness(Node.nanos(), Node.millis() + 30_000);
        Mono.<Void>create(end -> made[0] = new Session(ids.getAndIncrement(), node, outbox, upgrade, liveness, end))
                .subscribe();
        node.registry().add(made[0]);
        channel.closeFuture().addListener(made[0]);
        return made[0];
    }

    double count(String meter, String... tags) {
        return registry.get(meter).tags(tags).functionCounter().count();
    }

    @Override
    public void close() {
        try {
            log.destroy();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }
}
