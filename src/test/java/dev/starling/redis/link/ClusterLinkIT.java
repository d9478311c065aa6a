package dev.starling.redis.link;

import static org.assertj.core.api.Assertions.assertThat;

import dev.starling.redis.RedisCluster;
import dev.starling.redis.RedisServer;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Links to a Cluster, whose slots move and whose masters die. */
@Tag("long")
final class ClusterLinkIT {

    private static final int CHANNELS = 3000;

    @Test
    void thousandsOfChannelsAreHeardEachFromTheMasterOfItsSlot() {
        try (RedisCluster redis = RedisCluster.start();
                LinkNode node = LinkNode.start(redis.properties())) {
            assertThat(node.isSharded()).isTrue();
            hear(node);

            LinkNode.await(() -> node.links().linksUp() == 3 && node.links().heard() == CHANNELS + 3);
            allArrive(node, "first");
        }
    }

    @Test
    void slotThatMovesTakesItsSubscriptionsAlong() {
        try (RedisCluster redis = RedisCluster.start();
                LinkNode node = LinkNode.start(redis.properties())) {
            hear(node);
            int slot = RedisCluster.slotOf(channel(7));

            redis.migrate(slot, redis.otherThanOwnerOf(slot));

            LinkNode.await(() -> node.confirmations(channel(7)) >= 2);
            LinkNode.await(() ->
                    redis.ownerOf(slot).cli("PUBSUB", "SHARDNUMSUB", channel(7)).endsWith("1"));
            allArrive(node, "moved");
        }
    }

    @Test
    void killedMastersChannelsAreHeardFromItsReplica() {
        try (RedisCluster redis = RedisCluster.startReplicated();
                LinkNode node = LinkNode.start(redis.properties())) {
            hear(node);
            int slot = RedisCluster.slotOf(channel(7));

            RedisServer old = redis.killOwnerOf(slot);

            LinkNode.await(() -> node.condition().isWell() && node.confirmations(channel(7)) >= 2);
            assertThat(redis.ownerOf(slot)).isNotSameAs(old);
            allArrive(node, "failed over");
            LinkNode.await(() -> node.condition().links().size() == 3
                    && !node.condition().links().containsKey(RedisServer.HOST + ":" + old.port()));
        }
    }

    @Test
    void frozenMasterIsKnownToBeSilentUntilItAnswersAgain() {
        try (RedisCluster redis = RedisCluster.start();
                LinkNode node = LinkNode.start(redis.properties())) {
            RedisServer frozen = redis.ownerOf(RedisCluster.slotOf(channel(7)));
            String elsewhere = IntStream.range(0, CHANNELS)
                    .mapToObj(ClusterLinkIT::channel)
                    .filter(name -> redis.ownerOf(RedisCluster.slotOf(name)) != frozen)
                    .findFirst()
                    .orElseThrow();
            assertThat(node.links().isSilent(channel(7))).isFalse();

            frozen.freeze();

            LinkNode.await(() -> node.links().isSilent(channel(7)));
            assertThat(node.links().isSilent(elsewhere)).isFalse();
            frozen.thaw();
            LinkNode.await(() -> !node.links().isSilent(channel(7)));
        }
    }

    @Test
    void classicPubSubWorksOverAnyOfThem() {
        try (RedisCluster redis = RedisCluster.startReplicated();
                LinkNode node = LinkNode.start(redis.properties(), "starling.broker.redis.pubsub=classic")) {
            assertThat(node.isSharded()).isFalse();
            hear(node);
            LinkNode.await(() -> node.links().linksUp() == 1);
            allArrive(node, "first");

            redis.killOwnerOf(0);

            node.awaitWell();
            allArrive(node, "after the kill");
        }
    }

    private static void hear(LinkNode node) {
        IntStream.range(0, CHANNELS).forEach(i -> node.links().add(channel(i)));
        LinkNode.await(() -> node.confirmed(1) == CHANNELS);
    }

    /** Publishing may fail or reach nobody for a while after a change; then it is tried again. What reached somebody arrives. */
    private static void allArrive(LinkNode node, String message) {
        List<String> channels =
                IntStream.range(0, 100).mapToObj(ClusterLinkIT::channel).toList();
        channels.forEach(channel -> LinkNode.await(() -> hasReached(node, node.publish(channel, message))));
        LinkNode.await(() -> node.messages()
                .containsAll(channels.stream()
                        .map(channel -> channel + " " + message)
                        .toList()));
    }

    /** Classic publishing counts only who listens at the very node of Redis that was asked. */
    private static boolean hasReached(LinkNode node, @Nullable Long receivers) {
        return receivers != null && (receivers > 0 || !node.isSharded());
    }

    private static String channel(int number) {
        return "ws:{c" + number + "}";
    }
}
