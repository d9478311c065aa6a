package dev.starling.redis;

import io.lettuce.core.cluster.api.async.RedisClusterAsyncCommands;

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

    RedisVersion leastVersion() {
        return sharded ? RedisVersion.SHARDED : RedisVersion.CLASSIC;
    }
}
