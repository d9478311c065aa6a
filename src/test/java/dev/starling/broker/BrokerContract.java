package dev.starling.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.starling.protocol.ChannelName;
import dev.starling.protocol.Publication;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.test.StepVerifier;

/** What every {@link Broker} promises; a test of each implementation extends it. */
abstract class BrokerContract {

    static final Duration PATIENCE = Duration.ofSeconds(20);
    static final ChannelName CHANNEL = new ChannelName("chat:1");

    private static final int PUBLISHERS = 4;
    private static final int MESSAGES = 2_000;

    private List<Broker> nodes = List.of();

    /** New brokers, each of one node, joined to each other: one if this kind joins none. Called once per test. */
    abstract List<Broker> nodes();

    @BeforeEach
    void joinTheNodes() {
        nodes = nodes();
    }

    final Broker broker() {
        return nodes.get(0);
    }

    @Test
    void whatIsPublishedArrivesAsItWasWritten() {
        String data = "{ \"text\" : \"\\u00e9\u00e9\uD83D\uDE00\", \"n\":1e400 }";
        subscribe(broker());

        StepVerifier.create(publications(broker()))
                .then(() -> publish(broker(), data))
                .assertNext(publication -> {
                    assertThat(publication.channel()).isEqualTo(CHANNEL);
                    assertThat(publication.data())
                            .asString(StandardCharsets.UTF_8)
                            .isEqualTo(data);
                    assertThat(publication.position()).isNull();
                })
                .thenCancel()
                .verify(PATIENCE);
    }

    @Test
    void aPublicationWithoutHistoryHasNoPosition() {
        StepVerifier.create(broker().publish(CHANNEL, bytes("1"), null))
                .expectComplete()
                .verify(PATIENCE);
    }

    @Test
    void nothingIsPublishedUntilTheResultIsAskedFor() {
        subscribe(broker());

        StepVerifier.create(publications(broker()))
                .then(() -> {
                    Mono<?> unasked = broker().publish(CHANNEL, bytes("1"), null);
                    publish(broker(), "2");
                    assertThat(unasked).isNotNull();
                })
                .assertNext(publication -> assertThat(text(publication)).isEqualTo("2"))
                .thenCancel()
                .verify(PATIENCE);
    }

    @Test
    void aSubscriberThatPublishesGetsThatAfterwards() {
        subscribe(broker());
        Arrivals arrivals = new Arrivals(publication -> {
            if (text(publication).equals("1")) {
                broker().publish(CHANNEL, bytes("2"), null).subscribe();
            }
        });
        publications(broker()).subscribe(arrivals);

        publish(broker(), "1");

        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(arrivals.texts()).containsExactly("1", "2"));
        assertThat(arrivals.overlapped()).isFalse();
    }

    @Test
    void concurrentPublishersLoseNothingAndEveryNodeSeesOneOrder() throws Exception {
        List<Arrivals> everyone = nodes.stream().map(this::listen).toList();

        publishFromSeveralThreads();

        for (Arrivals arrivals : everyone) {
            await().atMost(PATIENCE).until(() -> arrivals.texts().size() >= PUBLISHERS * MESSAGES);
            assertThat(arrivals.texts()).hasSize(PUBLISHERS * MESSAGES).doesNotHaveDuplicates();
            assertThat(arrivals.texts()).isEqualTo(everyone.get(0).texts());
            assertThat(arrivals.overlapped()).as("two signals at a time").isFalse();
        }
        for (int publisher = 0; publisher < PUBLISHERS; publisher++) {
            String mine = publisher + ".";
            assertThat(everyone.get(0).texts().stream().filter(text -> text.startsWith(mine)))
                    .as("the order of one publisher")
                    .isEqualTo(
                            IntStream.range(0, MESSAGES).mapToObj(n -> mine + n).toList());
        }
    }

    private Arrivals listen(Broker node) {
        Arrivals arrivals = new Arrivals(publication -> {});
        subscribe(node);
        publications(node).subscribe(arrivals);
        return arrivals;
    }

    private void publishFromSeveralThreads() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(PUBLISHERS);
        try {
            CountDownLatch start = new CountDownLatch(1);
            List<? extends Future<?>> all = IntStream.range(0, PUBLISHERS)
                    .mapToObj(publisher -> threads.submit(() -> {
                        start.await();
                        for (int n = 0; n < MESSAGES; n++) {
                            publish(nodes.get(publisher % nodes.size()), publisher + "." + n);
                        }
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

    /** All that is published, of all lanes. */
    static Flux<Publication> publications(Broker node) {
        return Flux.merge(node.lanes()).ofType(Publication.class);
    }

    static void subscribe(Broker node) {
        node.subscribe(CHANNEL).block(PATIENCE);
    }

    static void publish(Broker node, String data) {
        node.publish(CHANNEL, bytes(data), null).block(PATIENCE);
    }

    static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    static String text(Publication publication) {
        return new String(publication.data(), StandardCharsets.UTF_8);
    }
}
