package dev.starling.redis.peer;

import dev.starling.broker.Peer;
import dev.starling.broker.Peers;
import dev.starling.broker.PeersContract;
import dev.starling.broker.Revocations;
import dev.starling.protocol.NodeName;
import dev.starling.redis.link.CommandConnection;
import dev.starling.redis.link.RedisCondition;
import dev.starling.redis.link.RedisKeys;
import dev.starling.redis.link.RedisLinks;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import org.awaitility.Awaitility;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.context.properties.ConfigurationPropertiesScan;
import org.springframework.boot.data.redis.autoconfigure.DataRedisAutoConfiguration;
import org.springframework.boot.test.util.TestPropertyValues;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.context.annotation.Bean;

/** What one node says to others, as the server makes it from its properties, without the rest of the server. */
final class PeerNode implements AutoCloseable {

    static final Duration PATIENCE = Duration.ofSeconds(30);
    static final Duration HEARTBEAT = Duration.ofMillis(300);
    static final Duration TTL = Duration.ofMillis(1500);

    private static final Duration POLL = Duration.ofMillis(10);

    private final AnnotationConfigApplicationContext context = new AnnotationConfigApplicationContext();

    private PeerNode(String name, List<String> redis, String... more) {
        TestPropertyValues.of("starling.broker.type=redis", "starling.broker.redis.linger=0s", "starling.node=" + name)
                .and(
                        "starling.nodes.heartbeat=" + HEARTBEAT.toMillis() + "ms",
                        "starling.nodes.ttl=" + TTL.toMillis() + "ms")
                .and(redis)
                .and(more)
                .applyTo(context);
        context.register(Parts.class, DataRedisAutoConfiguration.class, RedisPeersConfiguration.class);
        context.scan("dev.starling.broker", "dev.starling.redis.link", "dev.starling.redis.stream");
        context.refresh();
    }

    /** Begins to connect. */
    static PeerNode begin(String name, List<String> redis, String... more) {
        return new PeerNode(name, redis, more);
    }

    /** Waits until it can be asked, and all of these know each other. */
    static void awaitTogether(List<PeerNode> nodes) {
        nodes.forEach(node -> await(() -> node.isHeard()
                && nodes.stream()
                        .allMatch(other -> PeersContract.known(node.peers()).contains(other.self()))));
    }

    private boolean isHeard() {
        return part(RedisCondition.class).isWell()
                && Boolean.TRUE.equals(part(RedisPublisher.class)
                        .publish(part(RedisKeys.class).inbox(id()), new byte[0])
                        .onErrorReturn(false)
                        .block(PATIENCE));
    }

    Peers peers() {
        return part(Peers.class);
    }

    Revocations revocations() {
        return part(Revocations.class);
    }

    Peer self() {
        return part(NodeRegistry.class).self();
    }

    String id() {
        return self().id();
    }

    <T> T part(Class<T> type) {
        return context.getBean(type);
    }

    double count(String meter, String tag, String value) {
        return part(MeterRegistry.class).get(meter).tag(tag, value).functionCounters().stream()
                .mapToDouble(FunctionCounter::count)
                .sum();
    }

    /** As {@code kill -9} would: it can say nothing more. */
    void kill() {
        part(CommandConnection.class).close();
        part(RedisLinks.class).close();
        await(() -> Boolean.TRUE.equals(part(NodeRegistry.class)
                .beat()
                .map(beat -> false)
                .onErrorReturn(true)
                .block(PATIENCE)));
        close();
    }

    static void await(Callable<Boolean> fact) {
        Awaitility.await()
                .atMost(PATIENCE)
                .pollDelay(Duration.ZERO)
                .pollInterval(POLL)
                .ignoreExceptions()
                .until(fact);
    }

    @Override
    public void close() {
        context.close();
    }

    @ConfigurationPropertiesScan({"dev.starling.broker", "dev.starling.redis", "dev.starling.setting"})
    static final class Parts {

        @Bean
        MeterRegistry registry() {
            return new SimpleMeterRegistry();
        }

        @Bean
        NodeName nodeName(@Value("${starling.node}") String name) {
            return new NodeName(name);
        }
    }
}
