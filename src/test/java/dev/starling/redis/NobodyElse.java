package dev.starling.redis;

/** Hears nothing. */
final class NobodyElse implements RedisSubscriptions.Listener {

    @Override
    public void message(String channel, byte[] envelope) {}

    @Override
    public void subscribed(String channel) {}
}
