package dev.starling.redis.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.starling.protocol.Arrival;
import dev.starling.protocol.ChannelName;
import dev.starling.protocol.Publication;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import reactor.test.StepVerifier;

final class LaneTests {

    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final ChannelName CHANNEL = new ChannelName("chat:1");
    private static final int CAPACITY = 8;

    private final Lane lane = new Lane("lane-under-test", CAPACITY);
    private final List<String> done = new CopyOnWriteArrayList<>();
    private final CountDownLatch release = new CountDownLatch(1);
    private final CountDownLatch later = new CountDownLatch(1);

    @AfterEach
    void end() {
        release.countDown();
        later.countDown();
        lane.close();
    }

    @Test
    void messagesKeepTheirOrder() {
        start();

        for (int i = 0; i < 1_000; i++) {
            offerUntilTaken(note(String.valueOf(i)));
        }

        eventually(IntStream.range(0, 1_000).mapToObj(String::valueOf).toList());
    }

    @Test
    void aFullQueueTakesNothingAndNobodyWaits() {
        for (int i = 0; i < CAPACITY; i++) {
            assertThat(lane.offer(note("m" + i))).isTrue();
        }
        assertThat(lane.offer(note("too many"))).isFalse();
        assertThat(lane.waiting()).isEqualTo(CAPACITY);

        start();

        eventually(IntStream.range(0, CAPACITY).mapToObj(i -> "m" + i).toList());
        assertThat(lane.offer(note("again"))).isTrue();
    }

    @Test
    void aTaskIsTakenThoughTheQueueIsFullAndComesBeforeLaterMessages() throws Exception {
        holdTheWorker();
        lane.offer(note("m1"));
        lane.execute(note("task"));
        lane.offer(note("m2"));

        release.countDown();

        await().atMost(PATIENCE).until(() -> done.size() == 3);
        assertThat(done.indexOf("task")).isLessThan(done.indexOf("m2"));
    }

    @Test
    void aTaskBehindComesAfterWhatWaitsAndBeforeWhatComesLater() throws Exception {
        holdTheWorker();
        lane.offer(note("m1"));
        lane.offer(note("m2"));
        CountDownLatch counted = new CountDownLatch(1);
        lane.executeBehind(note("behind"));
        lane.execute(() -> {
            counted.countDown();
            awaitQuietly(later);
        });
        release.countDown();
        assertThat(counted.await(20, TimeUnit.SECONDS)).isTrue();
        lane.offer(note("m3"));
        later.countDown();

        eventually(List.of("m1", "m2", "behind", "m3"));
    }

    @Test
    void aTaskBehindNothingRunsThoughNoMessageComes() {
        start();
        lane.executeBehind(note("behind"));

        eventually(List.of("behind"));
    }

    @Test
    void aSleepingWorkerIsCalled() {
        AtomicReference<Thread> worker = new AtomicReference<>();
        start();
        lane.execute(() -> worker.set(Thread.currentThread()));

        int prompt = 0;
        for (int round = 0; round < 20; round++) {
            await().atMost(PATIENCE)
                    .pollInterval(Duration.ofMillis(5))
                    .until(() -> worker.get() != null && worker.get().getState() == Thread.State.TIMED_WAITING);
            long start = System.nanoTime();
            int before = done.size();
            lane.offer(note("m"));
            await().atMost(PATIENCE).pollInterval(Duration.ofMillis(1)).until(() -> done.size() > before);

            prompt += System.nanoTime() - start < Duration.ofMillis(700).toNanos() ? 1 : 0;
        }
        assertThat(prompt)
                .as("the worker wakes by itself only after a second; a busy machine may delay it now and then")
                .isGreaterThan(10);
    }

    @Test
    void aFaultCostsOneMessage() {
        start();
        lane.offer(() -> {
            throw new IllegalStateException("a fault of this test");
        });
        lane.offer(note("m"));

        eventually(List.of("m"));
    }

    @Test
    void emitsNoMoreThanIsAskedFor() {
        StepVerifier.create(lane.arrivals(), 1)
                .then(() -> {
                    for (int i = 0; i < 3; i++) {
                        Arrival arrival = arrival(i);
                        lane.offer(() -> lane.emit(arrival));
                    }
                })
                .assertNext(arrival -> assertThat(text(arrival)).isEqualTo("0"))
                .expectNoEvent(Duration.ofMillis(50))
                .thenRequest(2)
                .assertNext(arrival -> assertThat(text(arrival)).isEqualTo("1"))
                .assertNext(arrival -> assertThat(text(arrival)).isEqualTo("2"))
                .thenCancel()
                .verify(PATIENCE);
    }

    @Test
    void whatIsHandedOverBeforeTheSubscriberIsThereWaitsForIt() {
        lane.offer(() -> lane.emit(arrival(1)));

        StepVerifier.create(lane.arrivals().map(LaneTests::text))
                .expectNext("1")
                .thenCancel()
                .verify(PATIENCE);
    }

    @Test
    void isForOneSubscriber() {
        start();

        StepVerifier.create(lane.arrivals())
                .expectErrorMessage("a lane is for one subscriber")
                .verify(PATIENCE);
    }

    private void start() {
        lane.arrivals().subscribe();
    }

    private void holdTheWorker() throws Exception {
        CountDownLatch held = new CountDownLatch(1);
        start();
        lane.execute(() -> {
            held.countDown();
            awaitQuietly(release);
        });
        assertThat(held.await(20, TimeUnit.SECONDS)).isTrue();
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            assertThat(latch.await(20, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private void offerUntilTaken(Runnable message) {
        await().atMost(PATIENCE).pollInterval(Duration.ofMillis(1)).until(() -> lane.offer(message));
    }

    private void eventually(List<String> expected) {
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(done).isEqualTo(expected));
    }

    private Runnable note(String text) {
        return () -> done.add(text);
    }

    private static Arrival arrival(int number) {
        return new Publication(CHANNEL, String.valueOf(number).getBytes(StandardCharsets.UTF_8), null);
    }

    private static String text(Arrival arrival) {
        return new String(((Publication) arrival).data(), StandardCharsets.UTF_8);
    }
}
