package dev.starling.redis.peer;

import static dev.starling.redis.link.RedisScript.bytes;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.starling.broker.Peer;
import dev.starling.protocol.ErrorCode;
import dev.starling.redis.link.RedisFault;
import dev.starling.redis.link.RedisKeys;
import dev.starling.redis.link.RedisScript;
import io.lettuce.core.ScriptOutputType;
import io.lettuce.core.cluster.api.async.RedisClusterAsyncCommands;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * The nodes as Redis has them: a sorted set by when each is gone unless it says again that it is here. All fail with
 * {@link ErrorCode#BROKER_UNAVAILABLE}; any thread may call.
 */
final class NodeRegistry {

    private static final Comparator<Peer> OLDEST_FIRST =
            Comparator.comparingLong(Peer::sinceMillis).thenComparing(Peer::id);

    private final RedisScript<List<Object>> register = new RedisScript<>("register-node.lua", ScriptOutputType.MULTI);
    private final RedisScript<List<Object>> read = new RedisScript<>("read-nodes.lua", ScriptOutputType.MULTI);
    private final RedisClusterAsyncCommands<String, byte[]> commands;
    private final RedisKeys keys;
    private final byte[] ttlMillis;
    private final Peer self;

    NodeRegistry(RedisClusterAsyncCommands<String, byte[]> commands, RedisKeys keys, Duration ttl, Peer self) {
        this.commands = commands;
        this.keys = keys;
        this.ttlMillis = bytes(ttl.toMillis());
        this.self = self;
    }

    /**
     * What a node learns when it says that it is here.
     *
     * @param nodes how many there are
     * @param refusals the version of the refusals; null if there never were any
     */
    record Beat(int nodes, RefusalStore.@Nullable Version refusals) {}

    /** This node. */
    Peer self() {
        return self;
    }

    /** Says that this node is here for a time to live from now on. */
    Mono<Beat> beat() {
        return register.run(commands, new String[] {keys.nodes(), keys.refusalsVersion()}, ttlMillis, encode(self))
                .map(answer -> new Beat(
                        ((Long) answer.get(0)).intValue(), RefusalStore.Version.of(text((byte[]) answer.get(1)))));
    }

    /** The nodes that are here, this one included in any case. */
    Mono<List<Peer>> read() {
        return read.run(commands, new String[] {keys.nodes()}).map(this::nodes);
    }

    private List<Peer> nodes(List<Object> members) {
        List<Peer> nodes = new ArrayList<>(members.size() + 1);
        nodes.add(self);
        for (Object member : members) {
            Peer peer = decode(text((byte[]) member));
            if (peer != null && !peer.id().equals(self.id())) {
                nodes.add(peer);
            }
        }
        nodes.sort(OLDEST_FIRST);
        return List.copyOf(nodes);
    }

    /** Says that this node is no longer here. */
    Mono<Void> leave() {
        return Mono.fromCompletionStage(() -> commands.zrem(keys.nodes(), encode(self)))
                .onErrorMap(RedisFault::refusal)
                .then();
    }

    private static byte[] encode(Peer peer) {
        return bytes(peer.id() + ' ' + peer.sinceMillis() + ' ' + peer.name());
    }

    /** Null for what no node has written. */
    private static @Nullable Peer decode(String member) {
        String[] fields = member.split(" ", 3);
        if (fields.length < 3 || !fields[0].matches("[0-9a-z]{1,32}") || !fields[1].matches("[0-9]{1,18}")) {
            return null;
        }
        return new Peer(fields[2], fields[0], Long.parseLong(fields[1]));
    }

    private static String text(byte[] bytes) {
        return new String(bytes, UTF_8);
    }
}
