package dev.starling.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.starling.broker.HistoryRules;
import dev.starling.protocol.ChannelName;
import dev.starling.protocol.StreamPosition;
import io.lettuce.core.cluster.api.async.RedisClusterAsyncCommands;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.springframework.util.unit.DataSize;
import reactor.core.publisher.BaseSubscriber;
import reactor.core.scheduler.Schedulers;

final class RedisBrokerTests {

    private final BaseSubscriber<StreamPosition> subscriber = new BaseSubscriber<>() {};
    private final List<String> told = new ArrayList<>();

    @Test
    void aSubscriptionThatIsCancelledWhileItBeginsLeavesNothingBehind() {
        RedisChannels channels = new RedisChannels();
        RedisSubscriptions subscriptions = new Cancelling();
        RedisKeys keys = new RedisKeys("ws:");
        @SuppressWarnings("unchecked")
        RedisClusterAsyncCommands<String, byte[]> commands =
                (RedisClusterAsyncCommands<String, byte[]>) Proxy.newProxyInstance(
                        getClass().getClassLoader(),
                        new Class<?>[] {RedisClusterAsyncCommands.class},
                        (self, method, arguments) -> {
                            throw new UnsupportedOperationException(method.getName());
                        });
        RedisProperties redis = new RedisProperties(
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
        RedisStreams streams = new RedisStreams(commands, keys, redis, () -> false);
        RepairProperties repairs = new RepairProperties(1, 64, 128, DataSize.ofKilobytes(256), Duration.ZERO);
        ChannelRepair repair = new ChannelRepair(
                subscriptions, streams, repairs, new LaneMetrics(new SimpleMeterRegistry()), Schedulers.parallel());
        RedisBroker broker = new RedisBroker(
                streams,
                keys,
                HistoryRules.NONE,
                subscriptions,
                channels,
                repair,
                List.of(new Lane("lane", 16)),
                Duration.ofSeconds(5));

        broker.subscribe(new ChannelName("a")).subscribe(subscriber);

        assertThat(told).containsExactly("add ws:{a}", "remove ws:{a}");
    }

    /** The subscriber goes as soon as it is known that there is a link. */
    private final class Cancelling implements RedisSubscriptions {

        @Override
        public void add(String channel) {
            told.add("add " + channel);
        }

        @Override
        public void remove(String channel) {
            told.add("remove " + channel);
        }

        @Override
        public boolean isUp(String channel) {
            subscriber.cancel();
            return true;
        }
    }
}
