package dev.starling.redis.link;

import io.lettuce.core.cluster.api.async.RedisClusterAsyncCommands;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.autoconfigure.ssl.SslAutoConfiguration;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.data.redis.autoconfigure.DataRedisAutoConfiguration;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.test.util.TestPropertyValues;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.context.annotation.Bean;

/** The links of one node as the server makes them from its properties, and all that they tell. */
public final class LinkNode implements AutoCloseable {

    private static final Duration BOUND = Duration.ofSeconds(30);

    private final AnnotationConfigApplicationContext context = new AnnotationConfigApplicationContext();
    private final Recorder recorder;
    private final RedisLinks links;

    private LinkNode(List<String> properties) {
        TestPropertyValues.of("starling.broker.type=redis").and(properties).applyTo(context);
        context.register(
                Parts.class, SslAutoConfiguration.class, DataRedisAutoConfiguration.class, RedisConfiguration.class);
        context.refresh();
        links = context.getBean(RedisLinks.class);
        recorder = context.getBean(Recorder.class);
    }

    /** Begins to connect, and does not wait for it. */
    static LinkNode begin(List<String> redis, String... more) {
        List<String> properties = new ArrayList<>(redis);
        properties.addAll(List.of(more));
        return new LinkNode(properties);
    }

    /** Waits until messages come through. */
    static LinkNode start(List<String> redis, String... more) {
        LinkNode node = begin(redis, more);
        node.awaitWell();
        return node;
    }

    RedisLinks links() {
        return links;
    }

    RedisCondition condition() {
        return context.getBean(RedisCondition.class);
    }

    /** Why nothing comes through the one link; null if all is well, or if there is no link yet. */
    @Nullable
    RedisFault fault() {
        return condition().links().values().stream()
                .findFirst()
                .map(RedisCondition.OfLink::fault)
                .orElse(null);
    }

    RedisClusterAsyncCommands<String, byte[]> commands() {
        return context.getBean(CommandConnection.class).commands();
    }

    boolean isSharded() {
        return context.getBean(RedisClients.class).isSharded();
    }

    MeterRegistry meters() {
        return context.getBean(MeterRegistry.class);
    }

    /** How many attempts to connect failed so. */
    double refusals(RedisFault fault) {
        return meters().get("ws.broker.link.refusals")
                .tag("reason", fault.text())
                .functionCounter()
                .count();
    }

    Health health() {
        return context.getBean(BrokerHealthIndicator.class)
                .health()
                .blockOptional(BOUND)
                .orElseThrow();
    }

    /** Publishes as the node does; null if that failed. */
    @Nullable
    Long publish(String channel, String message) {
        byte[] bytes = message.getBytes(StandardCharsets.UTF_8);
        try {
            return (isSharded()
                            ? commands().spublish(channel, bytes)
                            : commands().publish(channel, bytes))
                    .toCompletableFuture()
                    .get(BOUND.toSeconds(), TimeUnit.SECONDS);
        } catch (Exception e) {
            return null;
        }
    }

    /** Channel and message of all that came, as text. */
    List<String> messages() {
        return recorder.messages;
    }

    /** How often Redis has confirmed a channel. */
    int confirmations(String channel) {
        return recorder.confirmed.getOrDefault(channel, 0);
    }

    /** How many channels Redis has confirmed at least so often. */
    long confirmed(int times) {
        return recorder.confirmed.values().stream()
                .filter(count -> count >= times)
                .count();
    }

    void awaitWell() {
        await(condition()::isWell);
    }

    public static void await(Callable<Boolean> fact) {
        Awaitility.await()
                .atMost(BOUND)
                .pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(20))
                .until(fact);
    }

    @Override
    public void close() {
        context.close();
    }

    /** Notes what the links tell. */
    private static final class Recorder implements RedisSubscriptions.Listener {

        private final List<String> messages = new CopyOnWriteArrayList<>();
        private final Map<String, Integer> confirmed = new ConcurrentHashMap<>();

        @Override
        public void message(String channel, byte[] envelope) {
            messages.add(channel + " " + new String(envelope, StandardCharsets.UTF_8));
        }

        @Override
        public void subscribed(String channel) {
            confirmed.merge(channel, 1, Integer::sum);
        }
    }

    @EnableConfigurationProperties(RedisProperties.class)
    static final class Parts {

        @Bean
        MeterRegistry registry() {
            return new SimpleMeterRegistry();
        }

        @Bean
        Recorder redisChannels() {
            return new Recorder();
        }
    }
}
