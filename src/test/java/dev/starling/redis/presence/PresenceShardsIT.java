package dev.starling.redis.presence;

import static dev.starling.broker.PresenceContract.member;
import static dev.starling.broker.PresenceContract.members;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.starling.protocol.ChannelName;
import dev.starling.redis.RedisCluster;
import dev.starling.redis.RedisServer;
import dev.starling.redis.link.RedisClients;
import io.lettuce.core.RedisURI;
import io.lettuce.core.TimeoutOptions;
import io.lettuce.core.cluster.ClusterClientOptions;
import io.lettuce.core.cluster.RedisClusterClient;
import io.lettuce.core.cluster.SlotHash;
import io.lettuce.core.cluster.api.StatefulRedisClusterConnection;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A master of a Cluster that hangs is a fault of its own channels only. */
final class PresenceShardsIT {

    private static final Duration TTL = Duration.ofSeconds(3);
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final int CHANNELS = 300;

    private final RedisCluster redis = RedisCluster.start("cluster-require-full-coverage no");
    private final RedisClusterClient client = RedisClusterClient.create(
            RedisURI.create(RedisServer.HOST, redis.servers().get(0).port()));
    private final StatefulRedisClusterConnection<String, byte[]> connection = connect();
    private final RedisPresence node = new RedisPresence(
            new RedisMembers(
                    connection.async(),
                    PresenceCluster.KEYS,
                    key -> connection
                            .getPartitions()
                            .getPartitionBySlot(SlotHash.getSlot(key))
                            .getNodeId(),
                    TTL),
            TTL,
            new PresenceMetrics(new SimpleMeterRegistry()));

    private StatefulRedisClusterConnection<String, byte[]> connect() {
        client.setOptions(ClusterClientOptions.builder()
                .timeoutOptions(TimeoutOptions.enabled(Duration.ofSeconds(1)))
                .build());
        return client.connect(RedisClients.CODEC);
    }

    @AfterEach
    void stop() {
        node.close();
        client.shutdown(Duration.ZERO, PATIENCE);
        redis.close();
    }

    @Test
    void membersOfTheOtherMastersStayWhileOneHangs() {
        RedisServer hanging = redis.servers().get(2);
        List<ChannelName> healthy = new ArrayList<>();
        for (ChannelName channel : channels()) {
            node.enter(channel, member("ann", "c1", 1)).block(PATIENCE);
            if (redis.ownerOf(RedisCluster.slotOf(PresenceCluster.KEYS.presence(channel))) != hanging) {
                healthy.add(channel);
            }
        }
        assertThat(healthy).hasSizeBetween(CHANNELS / 2, CHANNELS - 2 * PresenceQueue.MOST_UNDER_WAY);

        hanging.freeze();

        await().pollInterval(Duration.ofMillis(200))
                .during(TTL.multipliedBy(2))
                .atMost(PATIENCE)
                .until(() -> healthy.stream()
                        .allMatch(channel -> members(node, channel, 1).count() == 1));
        node.enter(healthy.get(0), member("ben", "c2", 2)).block(TTL);
        hanging.thaw();
        await().atMost(PATIENCE)
                .ignoreExceptions()
                .until(() -> channels().stream()
                        .allMatch(channel -> members(node, channel, 1).count() >= 1));
    }

    private static List<ChannelName> channels() {
        return IntStream.range(0, CHANNELS)
                .mapToObj(i -> new ChannelName("room:" + i))
                .toList();
    }
}
