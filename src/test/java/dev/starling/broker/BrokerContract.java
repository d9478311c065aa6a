package dev.starling.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.starling.protocol.Arrival;
import dev.starling.protocol.ChannelName;
import dev.starling.protocol.Member;
import dev.starling.protocol.PresenceChange;
import dev.starling.protocol.StreamPosition;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;
import reactor.test.StepVerifier;

/** What every {@link Broker} promises; a test of each implementation extends it. */
public abstract class BrokerContract extends HistoryContract {

    private static final int PUBLISHERS = 4;
    private static final int MESSAGES = 1_000;

    @Test
    void whatIsPublishedArrivesAsItWasWritten() {
        String data = "{ \"text\" : \"\\u00e9\u00e9\uD83D\uDE00\", \"n\":1e400 }";
        subscribeEverywhere(channel);

        publish(broker(), channel, data);

        for (Arrivals node : everyone) {
            awaitTexts(node, channel, data);
            assertThat(node.of(channel).get(0).position()).isNull();
        }
    }

    @Test
    void aPublicationWithoutHistoryHasNoPosition() {
        StepVerifier.create(broker().publish(channel, bytes("1"), null))
                .expectComplete()
                .verify(PATIENCE);
    }

    @Test
    void subscribingWithoutHistoryGivesNoPosition() {
        StepVerifier.create(broker().subscribe(channel)).expectComplete().verify(PATIENCE);
    }

    @Test
    void nothingIsPublishedUntilTheResultIsAskedFor() {
        subscribeEverywhere(channel);

        Mono<?> unasked = broker().publish(channel, bytes("1"), null);
        publish(broker(), channel, "2");

        assertThat(unasked).isNotNull();
        awaitTexts(arrivals(), channel, "2");
    }

    @Test
    void concurrentPublishersLoseNothingAndEveryNodeSeesOneOrder() throws Exception {
        subscribeEverywhere(channel);

        publishFromSeveralThreads(channel);

        for (Arrivals node : everyone) {
            await().atMost(PATIENCE).until(() -> node.texts(channel).size() >= PUBLISHERS * MESSAGES);
            assertThat(node.texts(channel)).hasSize(PUBLISHERS * MESSAGES).doesNotHaveDuplicates();
            assertThat(node.texts(channel)).isEqualTo(arrivals().texts(channel));
        }
        assertThatEachPublisherKeptItsOrder(arrivals().texts(channel));
    }

    @Test
    void allOfAChannelComesInOneLane() {
        List<ChannelName> channels =
                IntStream.range(0, 50).mapToObj(i -> fresh("many")).toList();
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
        subscribeEverywhere(channel);
        publish(lastNode(), channel, "1");
        awaitTexts(arrivals(), channel, "1");

        broker().unsubscribe(channel).block(PATIENCE);
        subscribe(broker(), channel);
        publish(lastNode(), channel, "2");

        awaitTexts(arrivals(), channel, "1", "2");
    }

    @Test
    void whoComesAndGoesIsAnnouncedToEveryNode() {
        Member member = new Member("zo\u00eb: 1", "connection-1", 1_764_000_000_123L);
        PresenceChange joined = new PresenceChange(channel, true, member);
        PresenceChange left = new PresenceChange(channel, false, member);
        subscribeEverywhere(channel);

        lastNode().announce(joined).block(PATIENCE);
        lastNode().announce(left).block(PATIENCE);

        for (Arrivals node : everyone) {
            await().atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(node.all(channel)).containsExactly(joined, left));
        }
    }

    @Test
    void whoComesToAChannelWithHistoryIsAnnouncedWithoutAnOffset() {
        PresenceChange joined = new PresenceChange(kept, true, new Member("u", "c", 1));
        subscribeEverywhere(kept);

        StreamPosition first = keep(broker(), "1", null);
        broker().announce(joined).block(PATIENCE);
        StreamPosition second = keep(broker(), "2", null);

        assertThat(second).isEqualTo(new StreamPosition(first.epoch(), 2));
        List<Arrival> expected = List.of(joined);
        for (Arrivals node : everyone) {
            awaitTexts(node, kept, "1", "2");
            assertThat(node.all(kept)).containsAll(expected);
        }
    }

    @Test
    void offsetsBeginWithOneAndArriveWithTheMessages() {
        subscribeEverywhere(kept);

        StreamPosition first = keep(broker(), "1", null);
        StreamPosition second = keep(lastNode(), "2", null);

        assertThat(first.offset()).isEqualTo(1);
        assertThat(second).isEqualTo(new StreamPosition(first.epoch(), 2));
        for (Arrivals node : everyone) {
            awaitTexts(node, kept, "1", "2");
            assertThat(node.positions(kept)).containsExactly(first, second);
        }
    }

    @Test
    void ofConcurrentPublishersEveryNodeGetsEveryOffsetInOrder() throws Exception {
        subscribeEverywhere(kept);

        publishFromSeveralThreads(kept);

        for (Arrivals node : everyone) {
            await().atMost(PATIENCE).until(() -> node.texts(kept).size() >= PUBLISHERS * MESSAGES);
            assertThat(offsets(node)).isEqualTo(from(1, PUBLISHERS * MESSAGES));
            assertThat(node.texts(kept)).isEqualTo(arrivals().texts(kept));
        }
        assertThatEachPublisherKeptItsOrder(arrivals().texts(kept));
        assertThat(texts(read(broker(), null, MESSAGES)))
                .isEqualTo(arrivals().texts(kept).subList(PUBLISHERS * MESSAGES - KEPT_SIZE, PUBLISHERS * MESSAGES));
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
                nodes.stream().map(node -> done(node.subscribe(kept))).toList();

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
        subscribe(broker(), kept);
        keep(lastNode(), "1", null);
        awaitTexts(arrivals(), kept, "1");
        broker().unsubscribe(kept).block(PATIENCE);
        StreamPosition second = keep(lastNode(), "2", null);

        StreamPosition position = done(broker().subscribe(kept));
        keep(lastNode(), "3", null);

        assertThat(position).isEqualTo(second);
        awaitTexts(arrivals(), kept, "1", "3");
    }

    @Test
    void aSecondMessageWithTheSameKeyIsAnsweredAsTheFirstAndNotPublished() {
        subscribeEverywhere(kept);

        StreamPosition first = keep(broker(), "1", "order \u00e9");
        assertThat(keep(lastNode(), "2", "order \u00e9")).isEqualTo(first);
        assertThat(keep(lastNode(), "3", "order \u00e8")).isEqualTo(new StreamPosition(first.epoch(), 2));

        everyone.forEach(node -> awaitTexts(node, kept, "1", "3"));
        assertThat(texts(read(broker(), null, 10))).containsExactly("1", "3");
    }

    @Test
    void aKeyHoldsWithoutHistoryToo() {
        subscribeEverywhere(channel);

        for (Broker node : nodes) {
            StepVerifier.create(node.publish(channel, bytes("1"), "k"))
                    .expectComplete()
                    .verify(PATIENCE);
            StepVerifier.create(node.publish(channel, bytes("2"), "k"))
                    .expectComplete()
                    .verify(PATIENCE);
        }
        publish(broker(), channel, "3");

        everyone.forEach(node -> awaitTexts(node, channel, "1", "3"));
    }

    @Test
    void aKeyIsOfItsChannelAlone() {
        ChannelName other = fresh("kept");
        keep(broker(), "1", "k");

        assertThat(done(broker().publish(other, bytes("2"), "k")).offset()).isEqualTo(1);
        assertThat(texts(done(broker().history(other, null, 10, Long.MAX_VALUE))))
                .containsExactly("2");
    }

    @Test
    void ofManyAtOnceWithTheSameKeyOneIsPublished() throws Exception {
        subscribeEverywhere(kept);

        inSeveralThreads(publisher -> keep(nodes.get(publisher % nodes.size()), "1", "k"));
        keep(broker(), "2", null);

        everyone.forEach(node -> awaitTexts(node, kept, "1", "2"));
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

    private List<Long> offsets(Arrivals node) {
        return node.positions(kept).stream().map(StreamPosition::offset).toList();
    }

    private static List<Long> from(long first, long last) {
        return LongStream.rangeClosed(first, last).boxed().toList();
    }
}
