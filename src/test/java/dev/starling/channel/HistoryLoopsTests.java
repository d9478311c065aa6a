package dev.starling.channel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.starling.protocol.ServerFrame;
import dev.starling.protocol.StreamPosition;
import dev.starling.setting.TestRules;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.netty.channel.DefaultEventLoop;
import io.netty.util.concurrent.EventExecutor;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.util.unit.DataSize;
import reactor.core.publisher.Mono;

/** Channels with history while the pump and the event loops really run at the same time. */
final class HistoryLoopsTests {

    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final int MESSAGES = 60_000;

    private final List<EventExecutor> loops = IntStream.range(0, 2)
            .mapToObj(i -> (EventExecutor) new DefaultEventLoop())
            .toList();
    private final ScriptedBroker broker = new ScriptedBroker();

    @AfterEach
    void stop() {
        loops.forEach(loop -> loop.shutdownGracefully(0, 1, TimeUnit.SECONDS));
    }

    /** A small queue overflows all the time, a large one never. */
    @ParameterizedTest
    @ValueSource(ints = {512, 1 << 17})
    void whoeverJoinsWheneverGetsAllFromThereOnInMessagesOrGaps(int queue) {
        ChannelHub hub = new ChannelHub(
                broker,
                new ChannelProperties(queue, DataSize.ofMegabytes(128)),
                FreshHub.RECOVERY,
                TestRules.of(),
                new SimpleMeterRegistry());
        broker.onSubscribe(Mono.just(HistoryFixture.at("e", 5)));
        List<Follower> followers = loops.stream()
                .flatMap(loop -> IntStream.range(0, 3).mapToObj(i -> new Follower(hub, loop, i > 0)))
                .toList();
        followers.forEach(follower -> follower.loop.execute(follower));
        await().atMost(PATIENCE).until(() -> followers.stream().allMatch(follower -> follower.joins.get() > 0));

        for (long offset = 6; offset <= MESSAGES; offset++) {
            broker.arrive(HistoryFixture.publication("e", offset));
        }

        followers.forEach(follower -> follower.isLeaving.set(false));
        for (Follower follower : followers) {
            await().atMost(PATIENCE).until(() -> follower.fault.get() != null || follower.at.get() == MESSAGES);
            assertThat(follower.fault).hasValue(null);
        }
        assertThat(followers.stream().mapToInt(follower -> follower.joins.get()).sum())
                .isGreaterThan(followers.size());
        hub.stop();
    }

    /** Leaves and joins again after each delivery, or stays. */
    private static final class Follower implements Runnable, Receiver {

        private final ChannelHub hub;
        private final EventExecutor loop;
        private final AtomicBoolean isLeaving;
        private final AtomicInteger joins = new AtomicInteger();
        private final AtomicLong at = new AtomicLong();
        private final AtomicReference<String> fault = new AtomicReference<>();
        private @Nullable ChannelSubscription subscription;

        private Follower(ChannelHub hub, EventExecutor loop, boolean leaves) {
            this.hub = hub;
            this.loop = loop;
            this.isLeaving = new AtomicBoolean(leaves);
        }

        @Override
        public void run() {
            hub.subscribe(HistoryFixture.NEWS, this, loop).subscribe(joined -> {
                subscription = joined;
                StreamPosition position = Objects.requireNonNull(joined.position());
                at.set(position.offset());
                joins.incrementAndGet();
            });
        }

        @Override
        public void receive(MessageBatch batch) {
            for (int i = 0; i < batch.count(); i++) {
                ServerFrame event = batch.message(i).event();
                if (event instanceof ServerFrame.Gap gap) {
                    // A gap may begin before this subscription, which then joined in the midst of it.
                    check(gap.from() <= at.get() + 1 && gap.to() > at.get(), "gap " + gap + " after " + at);
                    at.set(gap.to());
                } else {
                    check(
                            batch.message(i).offset() == at.get() + 1,
                            batch.message(i).offset() + " after " + at);
                    at.set(batch.message(i).offset());
                }
            }
            if (isLeaving.get()) {
                hub.unsubscribe(Objects.requireNonNull(subscription));
                loop.execute(this);
            }
        }

        private void check(boolean isRight, String what) {
            if (!isRight) {
                fault.compareAndSet(null, what);
            }
        }
    }
}
