package dev.starling.journey;

import dev.starling.redis.RedisServer;
import org.junit.jupiter.api.AfterAll;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;

/** With the broker in Redis, whose connections have event loops of their own. */
final class NonBlockingRedisIT extends NonBlockingJourney {

    private static final RedisServer REDIS = RedisServer.start();

    @DynamicPropertySource
    static void joinTheNodes(DynamicPropertyRegistry properties) {
        properties.add("starling.broker.type", () -> "redis");
        REDIS.properties().forEach(property -> {
            String[] pair = property.split("=", 2);
            properties.add(pair[0], () -> pair[1]);
        });
    }

    @AfterAll
    static void stopRedis() {
        REDIS.close();
    }
}
