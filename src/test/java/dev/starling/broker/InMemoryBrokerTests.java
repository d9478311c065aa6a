package dev.starling.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.starling.protocol.ErrorCode;
import dev.starling.protocol.RefusedException;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import reactor.core.Disposable;
import reactor.test.StepVerifier;

final class InMemoryBrokerTests extends BrokerContract {

    private static final int CAPACITY = 1 << 14;
    private static final int SMALL = 512;

    private final CountDownLatch entered = new CountDownLatch(1);
    private final CountDownLatch release = new CountDownLatch(1);
    private final AtomicInteger received = new AtomicInteger();

    @Override
    List<Broker> nodes() {
        return List.of(FreshBroker.inMemory(CAPACITY, HistoryRules.NONE));
    }

    @AfterEach
    void letGo() {
        release.countDown();
    }

    @Test
    void refusesWhatDoesNotFitIntoItsQueueAndTakesMoreOnceThereIsRoom() throws Exception {
        Broker broker = FreshBroker.inMemory(SMALL, HistoryRules.NONE);
        publications(broker).subscribe(publication -> hold());
        Thread stuck = new Thread(() -> publish(broker, "0"), "stuck-publisher");
        stuck.start();
        assertThat(entered.await(20, TimeUnit.SECONDS)).isTrue();

        for (int i = 0; i < SMALL; i++) {
            publish(broker, "1");
        }
        expectRefusal(broker);

        release.countDown();
        stuck.join(PATIENCE.toMillis());
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(received).hasValue(1 + SMALL));
        publish(broker, "2");
        assertThat(received).hasValue(2 + SMALL);
    }

    @Test
    void refusesOnceNobodyTakesWhatArrives() {
        Disposable subscriber = publications(broker()).subscribe();

        subscriber.dispose();

        expectRefusal(broker());
    }

    @Test
    void keepsWhatIsPublishedBeforeTheSubscriberIsThere() {
        publish(broker(), "1");
        publish(broker(), "2");

        StepVerifier.create(publications(broker()).map(BrokerContract::text))
                .expectNext("1", "2")
                .thenCancel()
                .verify(PATIENCE);
    }

    @Test
    void subscribingAndUnsubscribingIsDoneAtOnce() {
        StepVerifier.create(broker().subscribe(CHANNEL)).expectComplete().verify(PATIENCE);
        StepVerifier.create(broker().unsubscribe(CHANNEL)).expectComplete().verify(PATIENCE);
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

    private static void expectRefusal(Broker broker) {
        StepVerifier.create(broker.publish(CHANNEL, bytes("1"), null))
                .expectErrorSatisfies(failure -> assertThat(failure)
                        .isInstanceOfSatisfying(
                                RefusedException.class,
                                refused -> assertThat(refused.code()).isEqualTo(ErrorCode.BROKER_UNAVAILABLE)))
                .verify(PATIENCE);
    }
}
