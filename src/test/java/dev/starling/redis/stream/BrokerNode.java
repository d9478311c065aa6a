package dev.starling.redis.stream;

import dev.starling.broker.Broker;
import dev.starling.broker.BrokerProperties;
import dev.starling.broker.PresenceProperties;
import dev.starling.protocol.Arrival;
import dev.starling.protocol.ChannelName;
import dev.starling.protocol.Hole;
import dev.starling.protocol.Publication;
import dev.starling.protocol.Restart;
import dev.starling.protocol.StreamPosition;
import dev.starling.redis.link.RedisCondition;
import dev.starling.redis.link.RedisProperties;
import dev.starling.setting.ChannelRules;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.data.redis.autoconfigure.DataRedisAutoConfiguration;
import org.springframework.boot.test.util.TestPropertyValues;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.context.annotation.Bean;

/** The broker of one node as the server makes it from its properties, without the rest of the server; and what arrives there. */
final class BrokerNode implements AutoCloseable {

    static final Duration PATIENCE = Duration.ofSeconds(30);
    static final Duration POLL = Duration.ofMillis(20);

    private final AnnotationConfigApplicationContext context = new AnnotationConfigApplicationContext();
    private final Map<ChannelName, List<String>> arrivals = new ConcurrentHashMap<>();
    private volatile Consumer<Arrival> also = arrival -> {};

    private BrokerNode(List<String> properties) {
        TestPropertyValues.of("starling.broker.type=redis").and(properties).applyTo(context);
        context.register(Parts.class, DataRedisAutoConfiguration.class);
        context.scan("dev.starling.redis.link", "dev.starling.redis.stream");
        context.refresh();
    }

    /** Begins to connect; nobody takes what arrives yet. */
    static BrokerNode begin(List<String> redis, String... more) {
        List<String> properties = new ArrayList<>(redis);
        properties.addAll(List.of(more));
        return new BrokerNode(properties);
    }

    /** Waits until messages come through, and keeps what arrives. */
    static BrokerNode start(List<String> redis, String... more) {
        BrokerNode node = begin(redis, more);
        node.broker().lanes().forEach(lane -> lane.subscribe(node::keep));
        node.awaitWell();
        return node;
    }

    void awaitWell() {
        Awaitility.await().atMost(PATIENCE).pollInterval(POLL).until(context.getBean(RedisCondition.class)::isWell);
    }

    Broker broker() {
        return context.getBean(Broker.class);
    }

    /** What else happens with each arrival, on its lane. */
    void onArrival(Consumer<Arrival> consumer) {
        also = consumer;
    }

    private void keep(Arrival arrival) {
        arrivals.computeIfAbsent(arrival.channel(), channel -> new CopyOnWriteArrayList<>())
                .add(text(arrival));
        also.accept(arrival);
    }

    /** What arrived for a channel: data, {@code hole 3-4}, {@code restart 5}. */
    List<String> arrivals(ChannelName channel) {
        return arrivals.getOrDefault(channel, List.of());
    }

    static String text(Arrival arrival) {
        if (arrival instanceof Publication publication) {
            return new String(publication.data(), StandardCharsets.UTF_8);
        }
        if (arrival instanceof Hole hole) {
            return "hole " + hole.from() + "-" + hole.to();
        }
        return arrival instanceof Restart restart
                ? (restart.recovered() ? "goes on " : "restart ")
                        + restart.position().offset()
                : arrival.toString();
    }

    @Nullable
    StreamPosition subscribe(ChannelName channel) {
        return broker().subscribe(channel).block(PATIENCE);
    }

    void unsubscribe(ChannelName channel) {
        broker().unsubscribe(channel).block(PATIENCE);
    }

    @Nullable
    StreamPosition publish(ChannelName channel, String data) {
        return broker().publish(channel, data.getBytes(StandardCharsets.UTF_8), null)
                .block(PATIENCE);
    }

    double count(String meter) {
        return context.getBean(MeterRegistry.class).get(meter).functionCounters().stream()
                .mapToDouble(FunctionCounter::count)
                .sum();
    }

    <T> T part(Class<T> type) {
        return context.getBean(type);
    }

    @Override
    public void close() {
        context.close();
    }

    @EnableConfigurationProperties({
        BrokerProperties.class,
        ChannelRules.class,
        PresenceProperties.class,
        RedisProperties.class,
        RepairProperties.class
    })
    static final class Parts {

        @Bean
        MeterRegistry registry() {
            return new SimpleMeterRegistry();
        }
    }
}
