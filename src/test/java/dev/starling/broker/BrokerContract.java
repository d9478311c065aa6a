package dev.starling.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.starling.protocol.Arrival;
import dev.starling.protocol.ChannelName;
import dev.starling.protocol.ChannelPattern;
import dev.starling.protocol.Member;
import dev.starling.protocol.PresenceChange;
import dev.starling.protocol.Publication;
import dev.starling.protocol.StreamPosition;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;
import reactor.test.StepVerifier;

/** What every {@link Broker} promises; a test of each implementation extends it. */
public abstract class BrokerContract {

    public static final Duration PATIENCE = Duration.ofSeconds(20);

    /** Without history. */
    public static final ChannelName CHANNEL = new ChannelName("chat:1");

    /** With one. */
    public static final ChannelName KEPT = new ChannelName("kept:1");

    /** With one that does not last. */
    public static final ChannelName BRIEF = new ChannelName("brief:1");

    public static final int KEPT_SIZE = 100;

    /** The rules that all nodes of these tests have. */
    public static final HistoryRules RULES =
            new HistoryRules(List.of(rule("kept:*", Duration.ofMinutes(5)), rule("brief:*", Duration.ofSeconds(1))));

    /** The same as properties. */
    public static final List<String> PROPERTIES = List.of(
            "starling.channels[0].pattern=kept:*",
            "starling.channels[0].history-size=" + KEPT_SIZE,
            "starling.channels[0].history-ttl=5m",
            "starling.channels[1].pattern=brief:*",
            "starling.channels[1].history-size=" + KEPT_SIZE,
            "starling.channels[1].history-ttl=1s");

    private static final int PUBLISHERS = 4;
    private static final int MESSAGES = 1_000;

    private List<Broker> nodes = List.of();
    private List<Arrivals> everyone = List.of();

    private static HistoryRules.Rule rule(String pattern, Duration timeToLive) {
        return new HistoryRules.Rule(new ChannelPattern(pattern), new HistoryLimits(KEPT_SIZE, timeToLive));
    }

    /** New brokers with these {@link #RULES} and no past, each of one node, joined to each other: one if this kind joins none. */
    protected abstract List<Broker> nodes();

    @BeforeEach
    void joinTheNodes() {
        nodes = nodes();
        everyone = nodes.stream().map(Arrivals::new).toList();
    }

    @AfterEach
    void lanesWereSerial() {
        everyone.forEach(Arrivals::assertLanesWereSerial);
        everyone.forEach(Arrivals::stop);
    }

    final Broker broker() {
        return nodes.get(0);
    }

    final Arrivals arrivals() {
        return everyone.get(0);
    }

    private Broker lastNode() {
        return nodes.get(nodes.size() - 1);
    }

    @Test
    void whatIsPublishedArrivesAsItWasWritten() {
        String data = "{ \"text\" : \"\\u00e9\u00e9\uD83D\uDE00\", \"n\":1e400 }";
        subscribeEverywhere(CHANNEL);

        publish(broker(), CHANNEL, data);

        for (Arrivals node : everyone) {
            awaitTexts(node, CHANNEL, data);
            assertThat(node.of(CHANNEL).get(0).position()).isNull();
        }
    }

    @Test
    void aPublicationWithoutHistoryHasNoPosition() {
        StepVerifier.create(broker().publish(CHANNEL, bytes("1"), null))
                .expectComplete()
                .verify(PATIENCE);
    }

    @Test
    void subscribingWithoutHistoryGivesNoPosition() {
        StepVerifier.create(broker().subscribe(CHANNEL)).expectComplete().verify(PATIENCE);
    }

    @Test
    void nothingIsPublishedUntilTheResultIsAskedFor() {
        subscribeEverywhere(CHANNEL);

        Mono<?> unasked = broker().publish(CHANNEL, bytes("1"), null);
        publish(broker(), CHANNEL, "2");

        assertThat(unasked).isNotNull();
        awaitTexts(arrivals(), CHANNEL, "2");
    }

    @Test
    void concurrentPublishersLoseNothingAndEveryNodeSeesOneOrder() throws Exception {
        subscribeEverywhere(CHANNEL);

        publishFromSeveralThreads(CHANNEL);

        for (Arrivals node : everyone) {
            await().atMost(PATIENCE).until(() -> node.texts(CHANNEL).size() >= PUBLISHERS * MESSAGES);
            assertThat(node.texts(CHANNEL)).hasSize(PUBLISHERS * MESSAGES).doesNotHaveDuplicates();
            assertThat(node.texts(CHANNEL)).isEqualTo(arrivals().texts(CHANNEL));
        }
        assertThatEachPublisherKeptItsOrder(arrivals().texts(CHANNEL));
    }

    @Test
    void allOfAChannelComesInOneLane() {
        List<ChannelName> channels = IntStream.range(0, 50)
                .mapToObj(i -> new ChannelName("many:" + i))
                .toList();
        channels.forEach(this::subscribeEverywhere);

        for (int round = 0; round < 3; round++) {
            for (ChannelName channel : channels) {
                publish(nodes.get(round % nodes.size()), channel, Integer.toString(round));
            }
        }

        for (Arrivals node : everyone) {
            channels.forEach(channel -> awaitTexts(node, channel, "0", "1", "2"));
        }
    }

    @Test
    void whatIsNoLongerSubscribedToStopsArriving() {
        subscribeEverywhere(CHANNEL);
        publish(lastNode(), CHANNEL, "1");
        awaitTexts(arrivals(), CHANNEL, "1");

        broker().unsubscribe(CHANNEL).block(PATIENCE);
        subscribe(broker(), CHANNEL);
        publish(lastNode(), CHANNEL, "2");

        awaitTexts(arrivals(), CHANNEL, "1", "2");
    }

    @Test
    void whoComesAndGoesIsAnnouncedToEveryNode() {
        Member member = new Member("zo\u00eb: 1", "connection-1", 1_764_000_000_123L);
        PresenceChange joined = new PresenceChange(CHANNEL, true, member);
        PresenceChange left = new PresenceChange(CHANNEL, false, member);
        subscribeEverywhere(CHANNEL);

        lastNode().announce(joined).block(PATIENCE);
        lastNode().announce(left).block(PATIENCE);

        for (Arrivals node : everyone) {
            await().atMost(PATIENCE).untilAsserted(() -> assertThat(node.all()).containsExactly(joined, left));
        }
    }

    @Test
    void whoComesToAChannelWithHistoryIsAnnouncedWithoutAnOffset() {
        PresenceChange joined = new PresenceChange(KEPT, true, new Member("u", "c", 1));
        subscribeEverywhere(KEPT);

        StreamPosition first = keep(broker(), "1", null);
        broker().announce(joined).block(PATIENCE);
        StreamPosition second = keep(broker(), "2", null);

        assertThat(second).isEqualTo(new StreamPosition(first.epoch(), 2));
        List<Arrival> expected = List.of(joined);
        for (Arrivals node : everyone) {
            awaitTexts(node, KEPT, "1", "2");
            assertThat(node.all()).containsAll(expected);
        }
    }

    @Test
    void saysWhichChannelsKeepAHistory() {
        assertThat(broker().keepsHistory(KEPT)).isTrue();
        assertThat(broker().keepsHistory(CHANNEL)).isFalse();
    }

    @Test
    void theHistoryOfAChannelWithoutOneIsAFault() {
        StepVerifier.create(broker().history(CHANNEL, null, 1, Long.MAX_VALUE))
                .expectError(IllegalArgumentException.class)
                .verify(PATIENCE);
    }

    @Test
    void offsetsBeginWithOneAndArriveWithTheMessages() {
        subscribeEverywhere(KEPT);

        StreamPosition first = keep(broker(), "1", null);
        StreamPosition second = keep(lastNode(), "2", null);

        assertThat(first.offset()).isEqualTo(1);
        assertThat(second).isEqualTo(new StreamPosition(first.epoch(), 2));
        for (Arrivals node : everyone) {
            awaitTexts(node, KEPT, "1", "2");
            assertThat(node.positions(KEPT)).containsExactly(first, second);
        }
    }

    @Test
    void ofConcurrentPublishersEveryNodeGetsEveryOffsetInOrder() throws Exception {
        subscribeEverywhere(KEPT);

        publishFromSeveralThreads(KEPT);

        for (Arrivals node : everyone) {
            await().atMost(PATIENCE).until(() -> node.texts(KEPT).size() >= PUBLISHERS * MESSAGES);
            assertThat(offsets(node)).isEqualTo(from(1, PUBLISHERS * MESSAGES));
            assertThat(node.texts(KEPT)).isEqualTo(arrivals().texts(KEPT));
        }
        assertThatEachPublisherKeptItsOrder(arrivals().texts(KEPT));
        assertThat(texts(read(broker(), null, MESSAGES)))
                .isEqualTo(arrivals().texts(KEPT).subList(PUBLISHERS * MESSAGES - KEPT_SIZE, PUBLISHERS * MESSAGES));
    }

    @Test
    void theFirstArrivalFollowsThePositionOfTheSubscription() throws Exception {
        CountDownLatch some = new CountDownLatch(300);
        Thread publisher = new Thread(
                () -> IntStream.rangeClosed(1, MESSAGES).forEach(n -> {
                    keep(lastNode(), Integer.toString(n), null);
                    some.countDown();
                }),
                "publisher");
        publisher.start();
        assertThat(some.await(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();

        List<StreamPosition> positions =
                nodes.stream().map(node -> done(node.subscribe(KEPT))).toList();

        publisher.join(PATIENCE.toMillis());
        for (int i = 0; i < nodes.size(); i++) {
            Arrivals node = everyone.get(i);
            long position = positions.get(i).offset();
            assertThat(position).isGreaterThanOrEqualTo(300);
            await().atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(offsets(node)).isEqualTo(from(position + 1, MESSAGES)));
        }
    }

    @Test
    void aChannelIsSubscribedToAgainAtItsNewPlace() {
        subscribe(broker(), KEPT);
        keep(lastNode(), "1", null);
        awaitTexts(arrivals(), KEPT, "1");
        broker().unsubscribe(KEPT).block(PATIENCE);
        StreamPosition second = keep(lastNode(), "2", null);

        StreamPosition position = done(broker().subscribe(KEPT));
        keep(lastNode(), "3", null);

        assertThat(position).isEqualTo(second);
        awaitTexts(arrivals(), KEPT, "1", "3");
    }

    @Test
    void aChannelWithoutMessagesHasAnEpochForEveryNode() {
        StreamPosition position = done(broker().subscribe(KEPT));

        assertThat(position.offset()).isZero();
        assertThat(position.epoch()).isNotEmpty();
        for (Broker node : nodes) {
            assertThat(read(node, null, 10)).isEqualTo(new HistoryPage(position, List.of()));
        }
        assertThat(keep(lastNode(), "1", null)).isEqualTo(new StreamPosition(position.epoch(), 1));
    }

    @Test
    void theHistoryIsReadAfterAPositionUpToALimit() {
        List<StreamPosition> positions = keepSome(10);

        for (Broker node : nodes) {
            assertThat(texts(read(node, null, 100))).isEqualTo(numbers(1, 10));
            assertThat(texts(read(node, positions.get(3), 100))).isEqualTo(numbers(5, 10));
            assertThat(texts(read(node, positions.get(3), 2))).isEqualTo(numbers(5, 6));
            assertThat(texts(read(node, positions.get(9), 100))).isEmpty();
            assertThat(texts(read(node, new StreamPosition(positions.get(0).epoch(), 11), 100)))
                    .isEmpty();
            HistoryPage top = read(node, positions.get(3), 0);
            assertThat(top).isEqualTo(new HistoryPage(positions.get(9), List.of()));
        }
        assertThat(read(broker(), null, 100).publications())
                .extracting(Publication::position)
                .isEqualTo(positions);
    }

    @Test
    void theHistoryIsReadBackwardsFromAPosition() {
        List<StreamPosition> positions = keepSome(10);

        for (Broker node : nodes) {
            assertThat(texts(back(node, null, 3, Long.MAX_VALUE))).containsExactly("8", "9", "10");
            assertThat(texts(back(node, positions.get(7), 3, Long.MAX_VALUE))).containsExactly("5", "6", "7");
            assertThat(texts(back(node, positions.get(1), 3, Long.MAX_VALUE))).containsExactly("1");
            assertThat(texts(back(node, positions.get(0), 3, Long.MAX_VALUE))).isEmpty();
            assertThat(texts(back(node, positions.get(7), 0, Long.MAX_VALUE))).isEmpty();
            assertThat(back(node, positions.get(7), 3, Long.MAX_VALUE).top()).isEqualTo(positions.get(9));
            assertThat(texts(back(node, new StreamPosition("another", 5), 2, Long.MAX_VALUE)))
                    .containsExactly("9", "10");
        }
        assertThat(texts(back(broker(), positions.get(8), 100, 1)))
                .as("two messages in any case")
                .containsExactly("7", "8");
        assertThat(texts(back(broker(), positions.get(8), 100, 5))).containsExactly("4", "5", "6", "7", "8");
        StepVerifier.create(broker().historyBefore(CHANNEL, null, 1, Long.MAX_VALUE))
                .expectError(IllegalArgumentException.class)
                .verify(PATIENCE);
    }

    @Test
    void theHistoryIsReadBackwardsNoFurtherThanItIsKept() {
        int top = 3 * KEPT_SIZE;
        List<StreamPosition> positions = keepSome(top);

        assertThat(texts(back(broker(), null, 10 * KEPT_SIZE, Long.MAX_VALUE)))
                .isEqualTo(numbers(top - KEPT_SIZE + 1, top));
        assertThat(texts(back(broker(), positions.get(top - KEPT_SIZE), 10, Long.MAX_VALUE)))
                .isEmpty();
    }

    private static HistoryPage back(Broker node, @Nullable StreamPosition before, int limit, long maxBytes) {
        return done(node.historyBefore(KEPT, before, limit, maxBytes));
    }

    @Test
    void theHistoryIsReadUpToSomeBytesButTwoMessagesInAnyCase() {
        keepSome(9); // of one byte each

        assertThat(texts(done(broker().history(KEPT, null, 100, 1)))).containsExactly("1", "2");
        assertThat(texts(done(broker().history(KEPT, null, 1, 1)))).containsExactly("1");
        assertThat(texts(done(broker().history(KEPT, null, 100, 5)))).containsExactly("1", "2", "3", "4", "5");
        assertThat(texts(done(broker().history(KEPT, null, 100, 9)))).hasSize(9);
    }

    @Test
    void afterAPositionOfAnotherEpochTheWholeHistoryIsRead() {
        keepSome(3);

        assertThat(texts(read(broker(), new StreamPosition("another", 2), 100))).isEqualTo(numbers(1, 3));
    }

    @Test
    void onlyTheNewestMessagesAreKept() {
        List<StreamPosition> positions = keepSome(3 * KEPT_SIZE + 7);
        int top = positions.size();

        HistoryPage all = read(broker(), null, 10 * KEPT_SIZE);

        assertThat(texts(all)).isEqualTo(numbers(top - KEPT_SIZE + 1, top));
        assertThat(read(broker(), positions.get(0), 10 * KEPT_SIZE).publications())
                .extracting(Publication::position)
                .isEqualTo(positions.subList(top - KEPT_SIZE, top));
    }

    @Test
    void theHistoryExpiresAndThePositionGoesOn() {
        StreamPosition first = done(broker().publish(BRIEF, bytes("1"), null));
        await().atMost(PATIENCE)
                .until(() -> done(broker().history(BRIEF, null, 10, Long.MAX_VALUE))
                        .publications()
                        .isEmpty());

        HistoryPage expired = done(broker().history(BRIEF, null, 10, Long.MAX_VALUE));
        StreamPosition second = done(broker().publish(BRIEF, bytes("2"), null));

        assertThat(expired.top()).isEqualTo(first);
        assertThat(second).isEqualTo(new StreamPosition(first.epoch(), 2));
        assertThat(texts(done(broker().history(BRIEF, null, 10, Long.MAX_VALUE))))
                .containsExactly("2");
    }

    @Test
    void aSecondMessageWithTheSameKeyIsAnsweredAsTheFirstAndNotPublished() {
        subscribeEverywhere(KEPT);

        StreamPosition first = keep(broker(), "1", "order \u00e9");
        assertThat(keep(lastNode(), "2", "order \u00e9")).isEqualTo(first);
        assertThat(keep(lastNode(), "3", "order \u00e8")).isEqualTo(new StreamPosition(first.epoch(), 2));

        everyone.forEach(node -> awaitTexts(node, KEPT, "1", "3"));
        assertThat(texts(read(broker(), null, 10))).containsExactly("1", "3");
    }

    @Test
    void aKeyHoldsWithoutHistoryToo() {
        subscribeEverywhere(CHANNEL);

        for (Broker node : nodes) {
            StepVerifier.create(node.publish(CHANNEL, bytes("1"), "k"))
                    .expectComplete()
                    .verify(PATIENCE);
            StepVerifier.create(node.publish(CHANNEL, bytes("2"), "k"))
                    .expectComplete()
                    .verify(PATIENCE);
        }
        publish(broker(), CHANNEL, "3");

        everyone.forEach(node -> awaitTexts(node, CHANNEL, "1", "3"));
    }

    @Test
    void aKeyIsOfItsChannelAlone() {
        ChannelName other = new ChannelName("kept:2");
        keep(broker(), "1", "k");

        assertThat(done(broker().publish(other, bytes("2"), "k")).offset()).isEqualTo(1);
        assertThat(texts(done(broker().history(other, null, 10, Long.MAX_VALUE))))
                .containsExactly("2");
    }

    @Test
    void ofManyAtOnceWithTheSameKeyOneIsPublished() throws Exception {
        subscribeEverywhere(KEPT);

        inSeveralThreads(publisher -> keep(nodes.get(publisher % nodes.size()), "1", "k"));
        keep(broker(), "2", null);

        everyone.forEach(node -> awaitTexts(node, KEPT, "1", "2"));
    }

    private void publishFromSeveralThreads(ChannelName channel) throws Exception {
        inSeveralThreads(publisher -> {
            for (int n = 0; n < MESSAGES; n++) {
                publish(nodes.get(publisher % nodes.size()), channel, publisher + "." + n);
            }
        });
    }

    private static void inSeveralThreads(IntConsumer task) throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(PUBLISHERS);
        try {
            CountDownLatch start = new CountDownLatch(1);
            List<? extends Future<?>> all = IntStream.range(0, PUBLISHERS)
                    .mapToObj(publisher -> threads.submit(() -> {
                        start.await();
                        task.accept(publisher);
                        return publisher;
                    }))
                    .toList();
            start.countDown();
            for (Future<?> one : all) {
                one.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
            }
        } finally {
            threads.shutdownNow();
        }
    }

    private static void assertThatEachPublisherKeptItsOrder(List<String> texts) {
        for (int publisher = 0; publisher < PUBLISHERS; publisher++) {
            String mine = publisher + ".";
            assertThat(texts.stream().filter(text -> text.startsWith(mine)))
                    .as("the order of one publisher")
                    .isEqualTo(
                            IntStream.range(0, MESSAGES).mapToObj(n -> mine + n).toList());
        }
    }

    private void subscribeEverywhere(ChannelName channel) {
        nodes.forEach(node -> subscribe(node, channel));
    }

    public static void subscribe(Broker node, ChannelName channel) {
        node.subscribe(channel).block(PATIENCE);
    }

    public static void publish(Broker node, ChannelName channel, String data) {
        node.publish(channel, bytes(data), null).block(PATIENCE);
    }

    public static StreamPosition keep(Broker node, String data, @Nullable String key) {
        return done(node.publish(KEPT, bytes(data), key));
    }

    private List<StreamPosition> keepSome(int count) {
        return IntStream.rangeClosed(1, count)
                .mapToObj(n -> keep(nodes.get(n % nodes.size()), Integer.toString(n), null))
                .toList();
    }

    public static HistoryPage read(Broker node, @Nullable StreamPosition since, int limit) {
        return done(node.history(KEPT, since, limit, Long.MAX_VALUE));
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

    private static List<Long> offsets(Arrivals node) {
        return node.positions(KEPT).stream().map(StreamPosition::offset).toList();
    }

    private static List<Long> from(long first, long last) {
        return LongStream.rangeClosed(first, last).boxed().toList();
    }

    private static List<String> numbers(int first, int last) {
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
