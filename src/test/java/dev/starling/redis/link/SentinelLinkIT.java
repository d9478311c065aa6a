package dev.starling.redis.link;

import static org.assertj.core.api.Assertions.assertThat;

import dev.starling.redis.RedisSentinels;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A link that Sentinel leads to the master. */
@Tag("long")
final class SentinelLinkIT {

    @Test
    void itFollowsTheMaster() {
        try (RedisSentinels redis = RedisSentinels.start();
                LinkNode node = LinkNode.start(redis.properties())) {
            node.links().add("ws:{a}");
            LinkNode.await(() -> node.confirmations("ws:{a}") == 1);

            redis.failover();

            arrives(redis, node, "after the failover");
            redis.killMaster();
            arrives(redis, node, "after the kill");
        }
    }

    private static void arrives(RedisSentinels redis, LinkNode node, String message) {
        LinkNode.await(() -> node.condition().isWell()
                && node.publish("ws:{a}", message) != null
                && node.messages().contains("ws:{a} " + message));
        assertThat(redis.master().cli("SET", "probe", "1")).isEqualTo("OK");
        LinkNode.await(() -> redis.master().cli("PUBSUB", "NUMSUB", "ws:{a}").endsWith("1"));
    }
}
