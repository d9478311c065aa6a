package dev.starling.redis.presence;

import dev.starling.broker.PresenceContract;
import dev.starling.broker.PresenceStore;
import dev.starling.redis.RedisServer;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;

final class RedisPresenceContractIT extends PresenceContract {

    private static final RedisServer redis = RedisServer.start();

    private final PresenceCluster cluster = new PresenceCluster(redis.port(), Duration.ofSeconds(60));

    @AfterAll
    static void stop() {
        redis.close();
    }

    @AfterEach
    void leave() {
        cluster.close();
        redis.cli("FLUSHALL");
    }

    @Override
    protected List<PresenceStore> nodes() {
        return List.of(cluster.node(), cluster.node());
    }
}
