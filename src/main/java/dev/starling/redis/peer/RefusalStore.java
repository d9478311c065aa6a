package dev.starling.redis.peer;

import static dev.starling.redis.link.RedisScript.bytes;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.starling.broker.Epochs;
import dev.starling.broker.Refusal;
import dev.starling.protocol.ErrorCode;
import dev.starling.redis.link.RedisKeys;
import dev.starling.redis.link.RedisScript;
import dev.starling.redis.link.UnreadableEnvelopeException;
import io.lettuce.core.ScriptOutputType;
import io.lettuce.core.cluster.api.async.RedisClusterAsyncCommands;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * The refusals as Redis has them: a sorted set by when each is over, and its version. All fail with
 * {@link ErrorCode#BROKER_UNAVAILABLE}; any thread may call.
 */
final class RefusalStore {

    /**
     * How far the refusals of all nodes have come.
     *
     * @param epoch names them until Redis loses them
     * @param number of their changes since then
     */
    record Version(String epoch, long number) {

        /** Reads {@code number:epoch}; null if there is nothing. */
        static @Nullable Version of(String text) {
            int colon = text.indexOf(':');
            return colon < 0 ? null : new Version(text.substring(colon + 1), Long.parseLong(text, 0, colon, 10));
        }

        /** Whether {@code this} comes later than the other, and nothing was lost in between. */
        boolean isAfter(@Nullable Version other) {
            return other != null && epoch.equals(other.epoch) && number > other.number;
        }

        /** Whether exactly one change lies between them; the first one follows nothing. */
        boolean follows(@Nullable Version other) {
            return other == null ? number == 1 : isAfter(other) && number == other.number + 1;
        }
    }

    /** The most that one call may put back; what it costs keeps everybody else waiting. */
    private static final int BATCH = 250;

    /** Longer than any refusal. */
    private static final byte[] KEEP_MILLIS = bytes(Duration.ofDays(31).toMillis());

    private static final String VERSION = "1r";
    private static final String USER = "u ";
    private static final String TOKEN = "t ";

    private final RedisScript<byte[]> refuse = new RedisScript<>("refuse.lua", ScriptOutputType.VALUE);
    private final RedisScript<Long> restore = new RedisScript<>("restore-refusals.lua", ScriptOutputType.INTEGER);
    private final RedisScript<List<Object>> read = new RedisScript<>("read-refusals.lua", ScriptOutputType.MULTI);
    private final RedisClusterAsyncCommands<String, byte[]> commands;
    private final RedisPublisher publisher;
    private final String[] keys;
    private final byte[] most;
    private final Epochs epochs = new Epochs();

    /** @param most how many there may be */
    RefusalStore(
            RedisClusterAsyncCommands<String, byte[]> commands, RedisPublisher publisher, RedisKeys keys, int most) {
        this.commands = commands;
        this.publisher = publisher;
        this.keys = new String[] {keys.refusals(), keys.refusalsVersion()};
        this.most = bytes(most);
    }

    /**
     * A change as all nodes are told of it.
     *
     * @param version after it
     * @param refusal what it is about; until 0 if it is lifted
     */
    record Change(Version version, Refusal refusal) {

        boolean isLift() {
            return refusal.untilMillis() == 0;
        }
    }

    /** All of them at a moment. */
    record Snapshot(@Nullable Version version, List<Refusal> refusals) {}

    /** Refuses, or lifts if it is until 0, and tells all nodes; empty if there are as many as there may be. */
    Mono<Change> change(Refusal refusal) {
        return refuse.run(
                        commands,
                        keys,
                        bytes(member(refusal)),
                        bytes(refusal.untilMillis()),
                        most,
                        bytes(epochs.next()),
                        publisher.verb(),
                        KEEP_MILLIS)
                .mapNotNull(answer -> Version.of(new String(answer, UTF_8)))
                .map(version -> new Change(version, refusal));
    }

    /** Puts back what Redis may have lost. */
    Mono<Void> restore(List<Refusal> refusals) {
        return Flux.fromIterable(refusals)
                .buffer(BATCH)
                .concatMap(this::restoreBatch)
                .then();
    }

    private Mono<Long> restoreBatch(List<Refusal> batch) {
        byte[][] arguments = new byte[3 + 2 * batch.size()][];
        arguments[0] = most;
        arguments[1] = bytes(epochs.next());
        arguments[2] = KEEP_MILLIS;
        int next = 3;
        for (Refusal refusal : batch) {
            arguments[next++] = bytes(refusal.untilMillis());
            arguments[next++] = bytes(member(refusal));
        }
        return restore.run(commands, keys, arguments);
    }

    Mono<Snapshot> read() {
        return read.run(commands, keys).map(answer -> {
            List<?> members = (List<?>) answer.get(1);
            List<Refusal> refusals = new ArrayList<>(members.size() / 2);
            for (int i = 0; i < members.size(); i += 2) {
                long until = (long) Double.parseDouble(text(members.get(i + 1)));
                Refusal refusal = refusal(text(members.get(i)), until);
                if (refusal != null) {
                    refusals.add(refusal);
                }
            }
            return new Snapshot(Version.of(text(answer.get(0))), refusals);
        });
    }

    /** What refuse.lua publishes: {@code 1r<number>:<epoch>:<until>:<member>}. */
    static Change decode(byte[] envelope) throws UnreadableEnvelopeException {
        String text = text(envelope);
        if (!text.startsWith(VERSION)) {
            throw UnreadableEnvelopeException.ofVersion(envelope, (byte) '1');
        }
        String[] fields = text.substring(VERSION.length()).split(":", 4);
        if (fields.length < 4 || !isNumber(fields[0]) || !isNumber(fields[2])) {
            throw new UnreadableEnvelopeException(false, "an envelope with a field that is none");
        }
        Refusal refusal = refusal(fields[3], Long.parseLong(fields[2]));
        if (refusal == null) {
            throw new UnreadableEnvelopeException(true, "an envelope about what can't be refused here");
        }
        return new Change(new Version(fields[1], Long.parseLong(fields[0])), refusal);
    }

    private static boolean isNumber(String text) {
        return text.matches("[0-9]{1,18}");
    }

    private static String member(Refusal refusal) {
        return switch (refusal.kind()) {
                    case USER -> USER;
                    case TOKEN -> TOKEN;
                }
                + refusal.subject();
    }

    /** Null for what another kind of node refuses. */
    private static @Nullable Refusal refusal(String member, long until) {
        int start = USER.length();
        if (member.length() <= start || member.length() > start + Refusal.MAX_LENGTH) {
            return null;
        }
        if (member.startsWith(USER)) {
            return new Refusal(Refusal.Kind.USER, member.substring(start), until);
        }
        return member.startsWith(TOKEN) ? new Refusal(Refusal.Kind.TOKEN, member.substring(start), until) : null;
    }

    private static String text(Object bytes) {
        return new String((byte[]) bytes, UTF_8);
    }
}
