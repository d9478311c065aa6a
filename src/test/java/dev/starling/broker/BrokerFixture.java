package dev.starling.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.starling.protocol.ChannelName;
import dev.starling.protocol.Publication;
import dev.starling.protocol.StreamPosition;
import dev.starling.setting.ChannelRules;
import dev.starling.setting.TestRules;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import reactor.core.publisher.Mono;

/** New brokers that are joined to each other, and what is done with them. */
public abstract class BrokerFixture {

    public static final Duration PATIENCE = Duration.ofSeconds(20);

    private static final AtomicInteger CHANNELS = new AtomicInteger();

    public static final int KEPT_SIZE = 100;

    /** The rules that all nodes of these tests have. */
    public static final ChannelRules RULES = TestRules.of(
            "kept:* history-ttl=5m history-size=" + KEPT_SIZE, "brief:* history-ttl=1s history-size=" + KEPT_SIZE);

    /** The same as properties. */
    public static final List<String> PROPERTIES = List.of(
            "starling.channels[0].pattern=kept:*",
            "starling.channels[0].history-size=" + KEPT_SIZE,
            "starling.channels[0].history-ttl=5m",
            "starling.channels[1].pattern=brief:*",
            "starling.channels[1].history-size=" + KEPT_SIZE,
            "starling.channels[1].history-ttl=1s");

    /** Without history. */
    ChannelName channel;

    /** With one. */
    ChannelName kept;

    /** With one that does not last. */
    ChannelName brief;

    List<Broker> nodes = List.of();
    List<Arrivals> everyone = List.of();

    /**
     * New brokers with these {@link #RULES}, each of one node, joined to each other: one if this kind joins none. Called
     * once per instance of the test class: nodes that take long to start are for all of its tests.
     */
    protected abstract List<Broker> nodes();

    @BeforeEach
    void joinTheNodes() {
        if (nodes.isEmpty()) {
            nodes = nodes();
            everyone = nodes.stream().map(Arrivals::new).toList();
        }
        channel = fresh("chat");
        kept = fresh("kept");
        brief = fresh("brief");
    }

    @AfterEach
    void lanesWereSerial() {
        everyone.forEach(Arrivals::assertLanesWereSerial);
    }

    /** A channel that no test has used. */
    static ChannelName fresh(String kind) {
        return new ChannelName(kind + ":" + CHANNELS.incrementAndGet());
    }

    final Broker broker() {
        return nodes.get(0);
    }

    final Broker lastNode() {
        return nodes.get(nodes.size() - 1);
    }

    final Arrivals arrivals() {
        return everyone.get(0);
    }

    void subscribeEverywhere(ChannelName channel) {
        nodes.forEach(node -> subscribe(node, channel));
    }

    public static void subscribe(Broker node, ChannelName channel) {
        node.subscribe(channel).block(PATIENCE);
    }

    public static void publish(Broker node, ChannelName channel, String data) {
        node.publish(channel, bytes(data), null).block(PATIENCE);
    }

    final StreamPosition keep(Broker node, String data, @Nullable String key) {
        return done(node.publish(kept, bytes(data), key));
    }

    List<StreamPosition> keepSome(int count) {
        return IntStream.rangeClosed(1, count)
                .mapToObj(n -> keep(nodes.get(n % nodes.size()), Integer.toString(n), null))
                .toList();
    }

    final HistoryPage read(Broker node, @Nullable StreamPosition since, int limit) {
        return done(node.history(kept, since, limit, Long.MAX_VALUE));
    }

    public static <T> T done(Mono<T> result) {
        return Objects.requireNonNull(result.block(PATIENCE));
    }

    public static void awaitTexts(Arrivals node, ChannelName channel, String... texts) {
        await().atMost(PATIENCE)
                .pollDelay(Duration.ZERO) // most have arrived already
                .pollInterval(Duration.ofMillis(10))
                .untilAsserted(() -> assertThat(node.texts(channel)).containsExactly(texts));
    }

    static List<String> numbers(int first, int last) {
        return IntStream.rangeClosed(first, last).mapToObj(Integer::toString).toList();
    }

    public static List<String> texts(HistoryPage page) {
        return page.publications().stream().map(BrokerContract::text).toList();
    }

    public static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    public static String text(Publication publication) {
        return new String(publication.data(), StandardCharsets.UTF_8);
    }
}
