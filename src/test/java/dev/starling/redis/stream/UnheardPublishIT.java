package dev.starling.redis.stream;

import static org.assertj.core.api.Assertions.assertThat;

import dev.starling.protocol.ChannelName;
import dev.starling.protocol.RefusedException;
import dev.starling.redis.RedisCluster;
import dev.starling.redis.RedisServer;
import dev.starling.redis.link.LinkNode;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.util.retry.Retry;

/**
 * Channels without a history through outages, under load: what is acknowledged has reached somebody, and what is refused
 * reaches them when it is sent again with its key, once.
 */
@Tag("long")
final class UnheardPublishIT {

    private static final Logger log = LoggerFactory.getLogger(UnheardPublishIT.class);
    private static final ChannelName OPEN = new ChannelName("open:1");
    private static final String[] QUICK = {
        "starling.broker.redis.probe-interval=500ms", "starling.broker.redis.probe-timeout=1s"
    };

    @Test
    void nothingIsAcknowledgedInVainWhenRedisIsKilledAndBack() {
        try (RedisServer redis = RedisServer.start()) {
            publishDuring(redis.properties(), 3, true, 0, broken -> {
                redis.kill();
                LinkNode.await(() -> broken.get() > 20);
                redis.restart();
            });
        }
    }

    /** What Redis has put into a connection that is killed in the same moment may be gone: at most once is what is promised. */
    @Test
    void whatIsAcknowledgedWhileSubscriptionsAreCutHasReachedSomebody() {
        try (RedisServer redis = RedisServer.start()) {
            publishDuring(redis.properties(), 10, false, 10, broken -> redis.cli("CLIENT", "KILL", "TYPE", "pubsub"));
        }
    }

    @Test
    void whatIsAcknowledgedWhileSubscriptionsToAClusterAreCutHasReachedSomebody() {
        try (RedisCluster redis = RedisCluster.start()) {
            RedisServer owner = redis.ownerOf(RedisCluster.slotOf("{" + OPEN + "}"));
            publishDuring(redis.properties(), 10, false, 10, broken -> owner.cli("CLIENT", "KILL", "TYPE", "pubsub"));
        }
    }

    @Test
    void nothingIsAcknowledgedInVainWhenTheSlotMoves() {
        try (RedisCluster redis = RedisCluster.start()) {
            int slot = RedisCluster.slotOf("{" + OPEN + "}");
            publishDuring(redis.properties(), 3, false, 0, broken -> redis.migrate(slot, redis.otherThanOwnerOf(slot)));
        }
    }

    /**
     * @param strangers whether a node publishes that does not hear the channel
     * @param lost how many may be lost in all
     */
    private static void publishDuring(
            List<String> redis, int times, boolean strangers, int lost, Consumer<AtomicInteger> fault) {
        Set<String> acknowledged = ConcurrentHashMap.newKeySet();
        AtomicInteger refusals = new AtomicInteger();
        AtomicInteger number = new AtomicInteger();
        try (BrokerNode first = BrokerNode.start(redis, QUICK);
                BrokerNode second = BrokerNode.start(redis, QUICK);
                BrokerNode stranger = BrokerNode.start(redis, QUICK)) {
            List<BrokerNode> publishing = strangers ? List.of(first, second, stranger) : List.of(first, second);
            first.subscribe(OPEN);
            second.subscribe(OPEN);
            Disposable publishers = Flux.fromIterable(publishing)
                    .flatMap(node -> Flux.interval(Duration.ofMillis(5))
                            .onBackpressureDrop()
                            .flatMap(
                                    tick -> publish(
                                            node, Integer.toString(number.incrementAndGet()), acknowledged, refusals),
                                    256))
                    .subscribe();
            for (int i = 0; i < times; i++) {
                awaitMore(acknowledged);
                refusals.set(0);
                fault.accept(refusals);
                Stream.of(first, second, stranger).forEach(BrokerNode::awaitWell);
            }
            awaitMore(acknowledged);
            publishers.dispose();

            List<String> toFirst = first.arrivals(OPEN);
            List<String> toSecond = second.arrivals(OPEN);
            LinkNode.await(() -> vain(acknowledged, toFirst, toSecond).size() <= lost);
            log.info(
                    "{} acknowledged in {} faults, {} in vain",
                    acknowledged.size(),
                    times,
                    vain(acknowledged, toFirst, toSecond));
            assertThat(toFirst).doesNotHaveDuplicates();
            assertThat(toSecond).doesNotHaveDuplicates();
        }
    }

    private static Set<String> vain(Set<String> acknowledged, List<String> toFirst, List<String> toSecond) {
        Set<String> vain = new HashSet<>(acknowledged);
        new HashSet<>(toFirst).forEach(vain::remove);
        new HashSet<>(toSecond).forEach(vain::remove);
        return vain;
    }

    private static void awaitMore(Set<String> acknowledged) {
        int before = acknowledged.size();
        LinkNode.await(() -> acknowledged.size() >= before + 200);
    }

    /** Sends it again with its key until it is acknowledged. */
    private static Mono<Void> publish(
            BrokerNode node, String message, Set<String> acknowledged, AtomicInteger refusals) {
        return Mono.defer(() -> node.broker().publish(OPEN, message.getBytes(StandardCharsets.US_ASCII), message))
                .doOnError(refused -> refusals.incrementAndGet())
                .retryWhen(Retry.fixedDelay(1_000, Duration.ofMillis(30)).filter(RefusedException.class::isInstance))
                .then(Mono.fromRunnable(() -> acknowledged.add(message)));
    }
}
