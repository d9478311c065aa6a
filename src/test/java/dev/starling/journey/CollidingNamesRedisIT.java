package dev.starling.journey;

import dev.starling.redis.RedisServer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;

/** Names of equal hashes on a node that tells them to Redis. */
@Tag("long")
class CollidingNamesRedisIT extends CollidingNames {

    private static RedisServer redis;
    private static ServerProcess node;

    @BeforeAll
    static void start() {
        redis = RedisServer.start();
        node = Nodes.launch(redis.properties(), OPTIONS).start();
    }

    @AfterAll
    static void stop() {
        node.close();
        redis.close();
    }

    @Override
    ServerProcess node() {
        return node;
    }
}
