package dev.starling.redis.link;

import io.lettuce.core.RedisURI;
import io.lettuce.core.cluster.RedisClusterClient;
import io.lettuce.core.resource.ClientResources;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class ClusterTopologyTests {

    private final LinkLoop loop = new LinkLoop();
    private final ClientResources resources = ClientResources.create();

    @AfterEach
    void end() {
        loop.close(Duration.ofSeconds(2));
        resources.shutdown();
    }

    @Test
    void aRefreshThatCannotEvenBeginIsFollowedByTheNext() {
        AtomicInteger changes = new AtomicInteger();
        ClusterTopology topology = new ClusterTopology(new Broken(resources), loop, changes::incrementAndGet);

        loop.execute(topology::doubt);
        LinkNode.await(() -> changes.get() == 1);
        loop.execute(topology::doubt);
        LinkNode.await(() -> changes.get() == 2);
    }

    /** Throws instead of asking. */
    private static final class Broken extends RedisClusterClient {

        Broken(ClientResources resources) {
            super(resources, List.of(RedisURI.create("127.0.0.1", 1)));
        }

        @Override
        public CompletionStage<Void> refreshPartitionsAsync() {
            throw new IllegalStateException("closed");
        }
    }
}
