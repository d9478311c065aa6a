package dev.starling.redis;

import io.lettuce.core.cluster.api.async.RedisClusterAsyncCommands;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What all links share. */
record LinkTools(
        LinkLoop loop,
        RedisProperties properties,
        RedisClusterAsyncCommands<String, byte[]> commands,
        boolean sharded,
        CanaryNames canaryNames,
        RedisSubscriptions.Listener listener,
        RedisCondition condition,
        RedisMetrics metrics) {

    private static final Logger log = LoggerFactory.getLogger(RedisLink.class);

    /** Notes why nothing is delivered through a link, and logs it if that is news. */
    void failed(String link, RedisFault fault, @Nullable Throwable failure, String event) {
        if (condition.failed(link, fault)) {
            fault.in(log.atWarn().addKeyValue("link", link), failure).log(event);
        }
    }

    RedisVersion leastVersion() {
        return sharded ? RedisVersion.SHARDED : RedisVersion.CLASSIC;
    }
}
