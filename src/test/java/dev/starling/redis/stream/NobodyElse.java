package dev.starling.redis.stream;

import dev.starling.redis.link.RedisSubscriptions;

/** Hears nothing. */
final class NobodyElse implements RedisSubscriptions.Listener {

    @Override
    public void message(String channel, byte[] envelope) {}

    @Override
    public void subscribed(String channel) {}
}
