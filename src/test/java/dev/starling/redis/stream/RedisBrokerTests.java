package dev.starling.redis.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.starling.protocol.ChannelName;
import dev.starling.protocol.ErrorCode;
import dev.starling.protocol.Member;
import dev.starling.protocol.PresenceChange;
import dev.starling.protocol.RefusedException;
import dev.starling.protocol.StreamPosition;
import dev.starling.redis.link.LinkNode;
import dev.starling.redis.link.RedisKeys;
import dev.starling.redis.link.RedisProperties;
import dev.starling.redis.link.RedisSubscriptions;
import dev.starling.setting.ChannelRules;
import dev.starling.setting.TestRules;
import io.lettuce.core.RedisException;
import io.lettuce.core.RedisFuture;
import io.lettuce.core.cluster.api.async.RedisClusterAsyncCommands;
import io.lettuce.core.protocol.AsyncCommand;
import io.lettuce.core.protocol.Command;
import io.lettuce.core.protocol.CommandType;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.reactivestreams.Subscription;
import org.springframework.util.unit.DataSize;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.BaseSubscriber;
import reactor.core.publisher.Hooks;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Operators;
import reactor.core.scheduler.Schedulers;

final class RedisBrokerTests {

    private static final ChannelName PLAIN = new ChannelName("a");

    private static final ChannelName KEPT = new ChannelName("kept");
    private static final ChannelRules RULES = TestRules.of("kept history-size=10 history-ttl=1m");
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final RedisProperties PROPERTIES = new RedisProperties(
            "ws:",
            RedisProperties.PubSub.CLASSIC,
            Duration.ZERO,
            512,
            Duration.ofSeconds(1),
            Duration.ofSeconds(1),
            Duration.ofSeconds(1),
            Duration.ofSeconds(1),
            1000,
            Duration.ofMinutes(5),
            Duration.ofDays(7));

    private final BaseSubscriber<StreamPosition> subscriber = new BaseSubscriber<>() {};
    private final List<String> told = new CopyOnWriteArrayList<>();
    private final RedisChannels channels = new RedisChannels(new NobodyElse());
    private final ExecutorService confirmations = Executors.newSingleThreadExecutor();
    private final Lane lane = new Lane("lane", 16);

    private boolean silent;

    /** What Redis does. */
    private Supplier<RedisFuture<?>> redis = () -> {
        throw new UnsupportedOperationException();
    };

    @AfterEach
    void end() {
        lane.close();
        confirmations.shutdown();
    }

    @Test
    void aSubscriptionThatIsCancelledWhileItBeginsLeavesNothingBehind() {
        broker(new Cancelling()).subscribe(PLAIN).subscribe(subscriber);

        assertThat(told).containsExactly("add ws:{a}", "remove ws:{a}");
    }

    @Test
    void whoSubscribesOnceMoreWhileTheFirstStillWaitsIsTheOneThatIsHeard() {
        RedisBroker broker = broker(new Unconfirmed());
        lane.arrivals().subscribe();
        CompletableFuture<?> first = broker.subscribe(PLAIN).toFuture();
        CompletableFuture<?> second = broker.subscribe(PLAIN).toFuture();

        channels.subscribed("ws:{a}");

        assertThat(first).isCompletedExceptionally();
        assertThat(second).succeedsWithin(PATIENCE);
        assertThat(told).containsExactly("add ws:{a}", "remove ws:{a}", "add ws:{a}");
    }

    @Test
    void aSubscriptionThatIsConfirmedJustTooLateLeavesNothingBehind() {
        RedisBroker broker = broker(new Confirming(), Duration.ofMillis(200));
        lane.arrivals().subscribe();
        CountDownLatch refused = new CountDownLatch(1);
        Hooks.onEachOperator(
                "late",
                Operators.<Object>lift(
                        source -> source.stepName().equals("source(MonoCreate)"),
                        (source, next) -> new Late(next, refused)));
        try {
            Mono<StreamPosition> subscribed = broker.subscribe(PLAIN);
            assertRefused(subscribed.doOnError(failure -> refused.countDown()));
        } finally {
            Hooks.resetOnEachOperator("late");
        }

        LinkNode.await(() -> told.equals(List.of("add ws:{a}", "remove ws:{a}")));
    }

    @Test
    void whatLettuceThrowsInsteadOfSendingIsTheBrokersRefusal() {
        redis = () -> {
            throw new RedisException("Connection is closed");
        };
        RedisBroker broker = broker(new Confirming());

        assertRefused(broker.publish(PLAIN, new byte[0], null));
        assertRefused(broker.announce(new PresenceChange(PLAIN, true, new Member("user", "connection", 1))));
    }

    @Test
    void nothingIsAskedOfAServerThatIsKnownToAnswerNobody() {
        silent = true; // asking would throw
        RedisBroker broker = broker(new Unconfirmed());

        assertRefused(broker.publish(PLAIN, new byte[0], null));
        assertRefused(broker.publish(KEPT, new byte[0], null));
        assertRefused(broker.history(KEPT, null, 1, Long.MAX_VALUE));
        assertRefused(broker.announce(new PresenceChange(PLAIN, true, new Member("user", "connection", 1))));
    }

    @Test
    void aReadThatIsAnsweredWithNothingFailsAndLetsTheNextOneBegin() {
        redis = RedisBrokerTests::nothing;
        RedisBroker broker = broker(new Confirming());
        lane.arrivals().subscribe();

        assertThatThrownBy(() -> broker.subscribe(KEPT).block(PATIENCE)).hasMessageContaining("nothing");
        assertThatThrownBy(() -> broker.subscribe(KEPT).block(PATIENCE)).hasMessageContaining("nothing");
    }

    private static RedisFuture<?> nothing() {
        AsyncCommand<String, byte[], Void> command = new AsyncCommand<>(new Command<>(CommandType.EVALSHA, null));
        command.complete();
        return command;
    }

    private static void assertRefused(Mono<?> mono) {
        assertThatThrownBy(() -> mono.block(PATIENCE))
                .isInstanceOfSatisfying(
                        RefusedException.class,
                        refused -> assertThat(refused.code()).isEqualTo(ErrorCode.BROKER_UNAVAILABLE));
    }

    private RedisBroker broker(RedisSubscriptions subscriptions) {
        return broker(subscriptions, Duration.ofSeconds(5));
    }

    private RedisBroker broker(RedisSubscriptions subscriptions, Duration patience) {
        RedisKeys keys = new RedisKeys("ws:");
        @SuppressWarnings("unchecked")
        RedisClusterAsyncCommands<String, byte[]> commands =
                (RedisClusterAsyncCommands<String, byte[]>) Proxy.newProxyInstance(
                        getClass().getClassLoader(),
                        new Class<?>[] {RedisClusterAsyncCommands.class},
                        (self, method, arguments) -> redis.get());
        RedisStreams streams = new RedisStreams(
                commands,
                keys,
                PROPERTIES,
                new LaneMetrics(new SimpleMeterRegistry()),
                () -> false,
                LettuceNode.NOBODY_EXPECTED);
        RepairProperties repairs = new RepairProperties(1, 64, 128, DataSize.ofKilobytes(256), Duration.ZERO);
        ChannelRepair repair = new ChannelRepair(
                subscriptions, streams, repairs, new LaneMetrics(new SimpleMeterRegistry()), Schedulers.parallel());
        return new RedisBroker(streams, keys, RULES, subscriptions, channels, repair, List.of(lane), patience);
    }

    /** Tells of the end only when that is too late. */
    private record Late(CoreSubscriber<? super Object> next, CountDownLatch tooLate) implements CoreSubscriber<Object> {

        @Override
        public void onSubscribe(Subscription subscription) {
            next.onSubscribe(subscription);
        }

        @Override
        public void onNext(Object value) {
            next.onNext(value);
        }

        @Override
        public void onError(Throwable failure) {
            next.onError(failure);
        }

        @Override
        public void onComplete() {
            try {
                assertThat(tooLate.await(PATIENCE.toMillis(), TimeUnit.MILLISECONDS))
                        .isTrue();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            next.onComplete();
        }
    }

    /** Nothing is confirmed. */
    private class Unconfirmed implements RedisSubscriptions {

        @Override
        public void add(String channel) {
            told.add("add " + channel);
        }

        @Override
        public void remove(String channel) {
            told.add("remove " + channel);
        }

        @Override
        public boolean isConfirmed(String channel) {
            return true;
        }

        @Override
        public boolean isJustBack(String channel) {
            return false;
        }

        @Override
        public boolean isSilent(String channel) {
            return silent;
        }

        @Override
        public boolean isUp(String channel) {
            return true;
        }
    }

    /** All is confirmed at once. */
    private final class Confirming extends Unconfirmed {

        @Override
        public void add(String channel) {
            super.add(channel);
            confirmations.execute(() -> channels.subscribed(channel));
        }
    }

    /** The subscriber goes as soon as it is known that there is a link. */
    private final class Cancelling extends Unconfirmed {

        @Override
        public boolean isUp(String channel) {
            subscriber.cancel();
            return true;
        }
    }
}
