package dev.starling.redis.peer;

import dev.starling.redis.link.CommandConnection;
import dev.starling.redis.link.RedisClients;
import dev.starling.redis.link.RedisFault;
import dev.starling.redis.link.RedisScript;
import io.lettuce.core.cluster.api.async.RedisClusterAsyncCommands;
import reactor.core.publisher.Mono;

/** Publishes what nodes say to each other, in the way that this Redis allows. Any thread may call. */
final class RedisPublisher {

    private static final byte[] PUBLISH = RedisScript.bytes("PUBLISH");
    private static final byte[] SPUBLISH = RedisScript.bytes("SPUBLISH");

    private final RedisClusterAsyncCommands<String, byte[]> commands;
    private final RedisClients clients;

    RedisPublisher(CommandConnection connection, RedisClients clients) {
        this.commands = connection.commands();
        this.clients = clients;
    }

    /**
     * Publishes a message; completes with false if no node hears it, as far as is known. Fails as {@link RedisFault#refusal} says.
     */
    Mono<Boolean> publish(String channel, byte[] envelope) {
        return Mono.<Long>fromCompletionStage(() -> clients.isSharded()
                        ? commands.spublish(channel, envelope)
                        : commands.publish(channel, envelope))
                .map(receivers -> receivers > 0 || !clients.countsReceivers())
                .onErrorMap(RedisFault::refusal);
    }

    /** The command, for scripts. */
    byte[] verb() {
        return clients.isSharded() ? SPUBLISH : PUBLISH;
    }
}
