package dev.starling.redis.presence;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.starling.broker.PresencePage;
import dev.starling.protocol.ChannelName;
import dev.starling.protocol.ErrorCode;
import dev.starling.protocol.Member;
import dev.starling.redis.link.RedisKeys;
import dev.starling.redis.link.RedisScript;
import io.lettuce.core.ScriptOutputType;
import io.lettuce.core.cluster.api.async.RedisClusterAsyncCommands;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.UnaryOperator;
import reactor.core.publisher.Mono;

/**
 * The members of channels as Redis has them: per channel two sorted sets, one by when they came and one by when they expire,
 * changed and read by one script each. All fail with {@link ErrorCode#BROKER_UNAVAILABLE}; any thread may call.
 */
final class RedisMembers {

    /** The most members that one call may write; what it costs keeps everybody else waiting. */
    static final int BATCH = 250;

    /** How many that are gone a read may come across beside those that it is asked for. */
    private static final int MOST_EXPIRED_TO_SKIP = 1000;

    private static final int FIRST_MEMBER = 5;

    private final RedisScript<List<Object>> write = new RedisScript<>("write-presence.lua", ScriptOutputType.MULTI);
    private final RedisScript<List<Object>> read = new RedisScript<>("read-presence.lua", ScriptOutputType.MULTI);
    private final RedisClusterAsyncCommands<String, byte[]> commands;
    private final RedisKeys keys;
    private final UnaryOperator<String> owner;
    private final byte[] ttlMillis;

    /** This node, from its start to its end. */
    private final String node =
            HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextLong());

    /** @param owner names the server that has a key */
    RedisMembers(
            RedisClusterAsyncCommands<String, byte[]> commands,
            RedisKeys keys,
            UnaryOperator<String> owner,
            Duration ttl) {
        this.commands = commands;
        this.keys = keys;
        this.owner = owner;
        this.ttlMillis = RedisScript.bytes(ttl.toMillis());
    }

    /** Names the server that has this channel. */
    String owner(ChannelName channel) {
        return owner.apply(keys.presence(channel));
    }

    /**
     * A change that a write has made.
     *
     * @param expired whether it left because its node was silent for too long
     */
    record Change(boolean came, boolean expired, Member member) {}

    /**
     * Says who is in a channel for a time to live from now on, and who is not any more. Completes with all changes that this
     * node has made there since the batch that it has read, the oldest first: so none is lost with an answer. A batch that Redis
     * gets after a later one changes nothing.
     *
     * @param number of this batch, higher than that of any before
     * @param read all batches up to this number have been answered, or were none of this channel
     * @param mostExpired of other nodes to take out
     */
    Mono<List<Change>> write(
            ChannelName channel, long number, long read, List<Member> present, List<Member> absent, int mostExpired) {
        byte[][] arguments = new byte[FIRST_MEMBER + 2 * present.size() + absent.size()][];
        arguments[0] = ttlMillis;
        arguments[1] = RedisScript.bytes(mostExpired);
        arguments[2] = RedisScript.bytes(number);
        arguments[3] = RedisScript.bytes(read);
        arguments[4] = RedisScript.bytes(present.size());
        int next = FIRST_MEMBER;
        for (Member member : present) {
            arguments[next++] = RedisScript.bytes(member.sinceMillis());
            arguments[next++] = encode(member);
        }
        for (Member member : absent) {
            arguments[next++] = encode(member);
        }
        return write.run(
                        commands,
                        new String[] {
                            keys.presence(channel), keys.presenceExpiry(channel), keys.presenceBatches(channel, node)
                        },
                        arguments)
                .map(RedisMembers::changes);
    }

    private static List<Change> changes(List<Object> answer) {
        List<Change> changes = new ArrayList<>(answer.size() / 3);
        for (int i = 0; i < answer.size(); i += 3) {
            byte what = ((byte[]) answer.get(i))[0];
            Member member = decode((byte[]) answer.get(i + 1), (byte[]) answer.get(i + 2));
            changes.add(new Change(what == '1', what == '2', member));
        }
        return changes;
    }

    /** Who is there. */
    Mono<PresencePage> read(ChannelName channel, int limit) {
        return read.run(
                        commands,
                        new String[] {keys.presence(channel), keys.presenceExpiry(channel)},
                        RedisScript.bytes(limit),
                        RedisScript.bytes(limit == 0 ? 0 : limit + MOST_EXPIRED_TO_SKIP))
                .map(answer -> new PresencePage((Long) answer.get(0), members(answer, 1)));
    }

    private static List<Member> members(List<?> answer, int start) {
        List<Member> members = new ArrayList<>((answer.size() - start) / 2);
        for (int i = start; i < answer.size(); i += 2) {
            members.add(decode((byte[]) answer.get(i), (byte[]) answer.get(i + 1)));
        }
        return members;
    }

    /** A connection's name has no space. */
    private static byte[] encode(Member member) {
        return RedisScript.bytes(member.connection() + ' ' + member.user());
    }

    private static Member decode(byte[] since, byte[] member) {
        String text = new String(member, UTF_8);
        int space = text.indexOf(' ');
        return new Member(text.substring(space + 1), text.substring(0, Math.max(0, space)), (long)
                Double.parseDouble(new String(since, US_ASCII)));
    }
}
