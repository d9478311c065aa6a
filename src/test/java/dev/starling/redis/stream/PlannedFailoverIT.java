package dev.starling.redis.stream;

import static org.assertj.core.api.Assertions.assertThat;

import dev.starling.protocol.ChannelName;
import dev.starling.protocol.ErrorCode;
import dev.starling.protocol.RefusedException;
import dev.starling.redis.RedisSentinels;
import dev.starling.redis.RedisServer;
import dev.starling.redis.link.LinkNode;
import dev.starling.redis.link.RedisCondition;
import dev.starling.redis.link.RedisFault;
import dev.starling.redis.link.RedisKeys;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** A master that is replaced while it lives: who goes on writing there loses it all when it becomes a replica. */
@Tag("long")
final class PlannedFailoverIT {

    private static final Logger log = LoggerFactory.getLogger(PlannedFailoverIT.class);
    private static final ChannelName KEPT = new ChannelName("kept:1");
    private static final ChannelName OPEN = new ChannelName("open:1");
    private static final String[] HISTORY = {
        "starling.channels[0].pattern=kept:**",
        "starling.channels[0].history-size=10000",
        "starling.channels[0].history-ttl=10m"
    };

    /** Acknowledged messages that are not there any more, and the time in which they were acknowledged. */
    private record Vanished(int acknowledged, int count, Duration window) {}

    @Test
    void nodesLeaveAMasterThatSentinelReplacesWithinASecond() {
        try (RedisSentinels redis = RedisSentinels.start();
                BrokerNode first = BrokerNode.start(redis.properties(), HISTORY);
                BrokerNode second = BrokerNode.start(redis.properties(), HISTORY)) {
            for (int round = 0; round < 3; round++) {
                Vanished vanished = failover(redis, List.of(first, second));

                log.info("round {}: {}", round, vanished);
                redis.master().cli("DEL", first.part(RedisKeys.class).stream(KEPT)); // or it would be trimmed
                assertThat(vanished.window).isLessThan(Duration.ofSeconds(1));
                assertThat(vanished.count).isLessThan(vanished.acknowledged / 100);
            }
        }
    }

    @Test
    void nothingVanishesIfTheMasterWantsAReplicaForEachWrite() {
        String[] options = {"min-replicas-to-write 1", "min-replicas-max-lag 10"};
        try (RedisSentinels redis = RedisSentinels.start(options);
                BrokerNode first = BrokerNode.start(redis.properties(), HISTORY);
                BrokerNode second = BrokerNode.start(redis.properties(), HISTORY)) {
            Vanished vanished = failover(redis, List.of(first, second));

            log.info("with min-replicas-to-write: {}", vanished);
            assertThat(vanished.window).isLessThan(Duration.ofMillis(100));
        }
    }

    private static Vanished failover(RedisSentinels redis, List<BrokerNode> nodes) {
        nodes.forEach(BrokerNode::awaitWell);
        Map<String, Long> acknowledged = new ConcurrentHashMap<>();
        AtomicInteger number = new AtomicInteger();
        String run = Long.toString(System.nanoTime(), 36) + "-";
        Disposable publishers = Flux.fromIterable(nodes)
                .flatMap(node -> Flux.interval(Duration.ofMillis(5))
                        .onBackpressureDrop()
                        .flatMap(tick -> publish(node, run + number.incrementAndGet(), acknowledged), 64))
                .subscribe();
        try {
            awaitMore(acknowledged, 300);
            redis.failover();
            nodes.forEach(BrokerNode::awaitWell);
            awaitMore(acknowledged, 300);
        } finally {
            publishers.dispose();
        }
        Set<String> present =
                redis.master().list("XRANGE", nodes.get(0).part(RedisKeys.class).stream(KEPT), "-", "+").stream()
                        .map(entry -> String.valueOf(((List<?>) ((List<?>) entry).get(1)).get(1)))
                        .collect(Collectors.toSet());
        List<Long> lost = acknowledged.entrySet().stream()
                .filter(entry -> !present.contains(entry.getKey()))
                .map(Map.Entry::getValue)
                .sorted()
                .toList();
        return new Vanished(
                acknowledged.size(),
                lost.size(),
                lost.isEmpty() ? Duration.ZERO : Duration.ofNanos(lost.get(lost.size() - 1) - lost.get(0)));
    }

    private static void awaitMore(Map<String, Long> acknowledged, int more) {
        int before = acknowledged.size();
        LinkNode.await(() -> acknowledged.size() >= before + more);
    }

    private static Mono<Void> publish(BrokerNode node, String message, Map<String, Long> acknowledged) {
        return node.broker()
                .publish(KEPT, message.getBytes(StandardCharsets.US_ASCII), null)
                .doOnNext(position -> acknowledged.put(message, System.nanoTime()))
                .onErrorResume(RefusedException.class, refused -> Mono.empty())
                .then();
    }

    @Test
    void aServerThatIsDemotedByHandIsNoLongerWrittenTo() {
        try (RedisServer other = RedisServer.start();
                RedisServer redis = RedisServer.start();
                BrokerNode node = BrokerNode.start(redis.properties(), HISTORY)) {
            node.subscribe(OPEN);
            assertThat(refusals(node)).isEmpty();

            redis.cli("REPLICAOF", RedisServer.HOST, Integer.toString(other.port()));
            long demoted = System.nanoTime();

            LinkNode.await(() -> refusals(node).size() == 2);
            assertThat(Duration.ofNanos(System.nanoTime() - demoted)).isLessThan(Duration.ofMillis(1500));
            assertThat(refusals(node)).containsOnly(ErrorCode.BROKER_UNAVAILABLE);
            LinkNode.await(() -> node.part(RedisCondition.class).commands() == RedisFault.READ_ONLY
                    && node.part(RedisCondition.class).links().values().stream()
                            .allMatch(link -> link.fault() == RedisFault.READ_ONLY));
            redis.cli("REPLICAOF", "NO", "ONE");

            node.awaitWell();
            assertThat(refusals(node)).isEmpty();
        }
    }

    /** Why publishing with a history, and without one, is refused. */
    private static List<ErrorCode> refusals(BrokerNode node) {
        return Stream.of(KEPT, OPEN)
                .flatMap(channel -> node
                        .broker()
                        .publish(channel, new byte[] {'1'}, null)
                        .<ErrorCode>then(Mono.empty())
                        .onErrorResume(RefusedException.class, refused -> Mono.just(refused.code()))
                        .blockOptional(BrokerNode.PATIENCE)
                        .stream())
                .toList();
    }
}
