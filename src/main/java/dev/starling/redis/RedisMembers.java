package dev.starling.redis;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.starling.broker.PresencePage;
import dev.starling.protocol.ChannelName;
import dev.starling.protocol.ErrorCode;
import dev.starling.protocol.Member;
import io.lettuce.core.ScriptOutputType;
import io.lettuce.core.cluster.api.async.RedisClusterAsyncCommands;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
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

    private static final int FIRST_MEMBER = 3;

    private final RedisScript<List<Object>> write = new RedisScript<>("write-presence.lua", ScriptOutputType.MULTI);
    private final RedisScript<List<Object>> read = new RedisScript<>("read-presence.lua", ScriptOutputType.MULTI);
    private final RedisClusterAsyncCommands<String, byte[]> commands;
    private final RedisKeys keys;
    private final byte[] ttlMillis;

    RedisMembers(RedisClusterAsyncCommands<String, byte[]> commands, RedisKeys keys, Duration ttl) {
        this.commands = commands;
        this.keys = keys;
        this.ttlMillis = RedisScript.bytes(ttl.toMillis());
    }

    /**
     * What a write has changed.
     *
     * @param came those of the present who were not there before
     * @param went those of the absent who were
     * @param expired those whose node was silent for too long; nobody else is told of them
     */
    record Change(List<Member> came, List<Member> went, List<Member> expired) {}

    /**
     * Says who is in a channel for a time to live from now on, and who is not any more.
     *
     * @param mostExpired of other nodes to take out
     */
    Mono<Change> write(ChannelName channel, List<Member> present, List<Member> absent, int mostExpired) {
        return write.run(commands, keys(channel), arguments(present, absent, mostExpired))
                .map(answer -> {
                    List<Member> came = new ArrayList<>();
                    places(answer.get(0)).forEach(place -> came.add(present.get((place - FIRST_MEMBER) / 2 - 1)));
                    List<Member> went = new ArrayList<>();
                    places(answer.get(1))
                            .forEach(place -> went.add(absent.get(place - FIRST_MEMBER - 2 * present.size() - 1)));
                    return new Change(came, went, members((List<?>) answer.get(2), 0));
                });
    }

    private byte[][] arguments(List<Member> present, List<Member> absent, int mostExpired) {
        byte[][] arguments = new byte[FIRST_MEMBER + 2 * present.size() + absent.size()][];
        arguments[0] = ttlMillis;
        arguments[1] = RedisScript.bytes(mostExpired);
        arguments[2] = RedisScript.bytes(present.size());
        int next = FIRST_MEMBER;
        for (Member member : present) {
            arguments[next++] = RedisScript.bytes(member.sinceMillis());
            arguments[next++] = encode(member);
        }
        for (Member member : absent) {
            arguments[next++] = encode(member);
        }
        return arguments;
    }

    /** Who is there. */
    Mono<PresencePage> read(ChannelName channel, int limit) {
        return read.run(
                        commands,
                        keys(channel),
                        RedisScript.bytes(limit),
                        RedisScript.bytes(limit == 0 ? 0 : limit + MOST_EXPIRED_TO_SKIP))
                .map(answer -> new PresencePage((Long) answer.get(0), members(answer, 1)));
    }

    private String[] keys(ChannelName channel) {
        return new String[] {keys.presence(channel), keys.presenceExpiry(channel)};
    }

    private static List<Integer> places(Object numbers) {
        return ((List<?>) numbers)
                .stream().map(number -> ((Long) number).intValue()).toList();
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
