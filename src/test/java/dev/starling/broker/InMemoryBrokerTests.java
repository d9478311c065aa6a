package dev.starling.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.starling.protocol.Arrival;
import dev.starling.protocol.ErrorCode;
import dev.starling.protocol.Publication;
import dev.starling.protocol.RefusedException;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.test.StepVerifier;

final class InMemoryBrokerTests extends BrokerContract {

    private static final int CAPACITY = 1 << 14;
    private static final int SMALL = 512;

    private final CountDownLatch entered = new CountDownLatch(1);
    private final CountDownLatch release = new CountDownLatch(1);
    private final AtomicInteger received = new AtomicInteger();

    @Override
    protected List<Broker> nodes() {
        return List.of(FreshBroker.inMemory(CAPACITY, RULES));
    }

    @AfterEach
    void letGo() {
        release.countDown();
    }

    @Test
    void aSubscriberThatPublishesGetsThatAfterwards() {
        Broker broker = FreshBroker.inMemory();
        Arrivals arrivals = new Arrivals(broker, arrival -> {
            if (text((Publication) arrival).equals("1")) {
                publish(broker, channel, "2");
            }
        });

        publish(broker, channel, "1");

        assertThat(arrivals.texts(channel)).containsExactly("1", "2");
        arrivals.assertLanesWereSerial();
    }

    @Test
    void anErrorOfItsSubscriberCostsOneMessage() {
        Broker broker = FreshBroker.inMemory();
        lane(broker).subscribe(arrival -> {
            if (received.incrementAndGet() == 1) {
                throw new OutOfMemoryError("no direct memory left");
            }
        });

        publish(broker, channel, "1");
        publish(broker, channel, "2");

        assertThat(received).hasValue(2);
    }

    @Test
    void refusesWhatDoesNotFitIntoItsQueueAndTakesMoreOnceThereIsRoom() throws Exception {
        Broker broker = FreshBroker.inMemory(SMALL, RULES);
        lane(broker).subscribe(arrival -> hold());
        Thread stuck = new Thread(() -> publish(broker, channel, "0"), "stuck-publisher");
        stuck.start();
        assertThat(entered.await(20, TimeUnit.SECONDS)).isTrue();

        for (int i = 0; i < SMALL; i++) {
            publish(broker, channel, "1");
        }
        expectRefusal(broker, "the broker's queue is full");
        StepVerifier.create(broker.publish(kept, bytes("1"), "k"))
                .expectError(RefusedException.class)
                .verify(PATIENCE);

        release.countDown();
        stuck.join(PATIENCE.toMillis());
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(received).hasValue(1 + SMALL));
        publish(broker, channel, "2");
        assertThat(received).hasValue(2 + SMALL);
        assertThat(keep(broker, "1", "k").offset())
                .as("what was refused left neither a hole nor its key")
                .isEqualTo(1);
    }

    @Test
    void whoPublishesHandsOutForATurnAtMost() throws Exception {
        Broker broker = FreshBroker.inMemory();
        Set<Thread> threads = ConcurrentHashMap.newKeySet();
        lane(broker).subscribe(arrival -> {
            hold();
            threads.add(Thread.currentThread());
        });
        Thread stuck = new Thread(() -> publish(broker, channel, "0"), "stuck-publisher");
        stuck.start();
        assertThat(entered.await(20, TimeUnit.SECONDS)).isTrue();
        for (int i = 0; i < 4 * InMemoryLane.TURN; i++) {
            publish(broker, channel, "1");
        }

        release.countDown();

        await().atMost(PATIENCE).untilAsserted(() -> assertThat(received).hasValue(1 + 4 * InMemoryLane.TURN));
        assertThat(threads).contains(stuck).hasSizeGreaterThan(1);
        threads.remove(stuck);
        assertThat(threads).allMatch(thread -> thread.getName().startsWith("parallel-"));
    }

    @Test
    void refusesOnceNobodyTakesWhatArrives() {
        Broker broker = FreshBroker.inMemory();
        Disposable subscriber = lane(broker).subscribe();

        subscriber.dispose();

        expectRefusal(broker, "this node has stopped delivering");
    }

    @Test
    void aLaneIsForOneSubscriber() {
        StepVerifier.create(lane(broker()))
                .expectError(IllegalStateException.class)
                .verify(PATIENCE);
    }

    @Test
    void handsOutNoMoreThanIsAskedFor() {
        Broker broker = FreshBroker.inMemory();

        StepVerifier.create(lane(broker).map(arrival -> text((Publication) arrival)), 1)
                .then(() -> publish(broker, channel, "1"))
                .then(() -> publish(broker, channel, "2"))
                .then(() -> publish(broker, channel, "3"))
                .expectNext("1")
                .thenRequest(2)
                .expectNext("2", "3")
                .thenCancel()
                .verify(PATIENCE);
    }

    @Test
    void keepsWhatIsPublishedBeforeTheSubscriberIsThere() {
        Broker broker = FreshBroker.inMemory();
        publish(broker, channel, "1");
        publish(broker, channel, "2");

        assertThat(new Arrivals(broker).texts(channel)).containsExactly("1", "2");
    }

    @Test
    void whatWasUnderWayWhenAChannelIsSubscribedToIsNotDelivered() {
        Broker broker = FreshBroker.inMemory(CAPACITY, RULES);
        keep(broker, "1", null);
        subscribe(broker, kept);
        keep(broker, "2", null);

        assertThat(new Arrivals(broker).texts(kept)).containsExactly("2");
    }

    @Test
    void unsubscribingIsDoneAtOnce() {
        StepVerifier.create(broker().unsubscribe(channel)).expectComplete().verify(PATIENCE);
        StepVerifier.create(broker().unsubscribe(kept)).expectComplete().verify(PATIENCE);
    }

    private void hold() {
        entered.countDown();
        received.incrementAndGet();
        try {
            assertThat(release.await(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Flux<Arrival> lane(Broker broker) {
        assertThat(broker.lanes()).hasSize(1);
        return broker.lanes().get(0);
    }

    private void expectRefusal(Broker broker, String message) {
        StepVerifier.create(broker.publish(channel, bytes("1"), null))
                .expectErrorSatisfies(failure -> assertThat(failure)
                        .isInstanceOfSatisfying(RefusedException.class, refused -> {
                            assertThat(refused.code()).isEqualTo(ErrorCode.BROKER_UNAVAILABLE);
                            assertThat(refused.message()).isEqualTo(message);
                        }))
                .verify(PATIENCE);
    }
}
