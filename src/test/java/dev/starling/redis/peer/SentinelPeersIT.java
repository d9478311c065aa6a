package dev.starling.redis.peer;

import static dev.starling.broker.PeersContract.ask;
import static dev.starling.broker.PeersContract.reasons;
import static dev.starling.broker.RevocationsContract.refuse;
import static dev.starling.broker.RevocationsContract.user;

import dev.starling.redis.RedisSentinels;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;

/** Nodes that Sentinel leads to another master. */
@Tag("long")
final class SentinelPeersIT {

    @Test
    void theyAskEachOtherAndRefuseTheSameOnANewMaster() {
        try (RedisSentinels redis = RedisSentinels.start();
                PeerGroup group = new PeerGroup()) {
            List<PeerNode> nodes = group.start(2, redis.properties());
            nodes.forEach(node -> node.peers().answer(Mono::just));
            refuse(nodes.get(0).revocations(), user("ann"));

            redis.killMaster();

            PeerNode.awaitTogether(nodes);
            PeerNode.await(() -> reasons(ask(nodes.get(0).peers(), "?")).isEmpty());
            refuse(nodes.get(1).revocations(), user("ben"));
            nodes.forEach(node -> PeerNode.await(() -> node.revocations().isRefused("ann", null)
                    && node.revocations().isRefused("ben", null)));
        }
    }
}
