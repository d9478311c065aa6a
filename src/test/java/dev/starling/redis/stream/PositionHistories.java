package dev.starling.redis.stream;

import static org.assertj.core.api.Assertions.assertThat;

import dev.starling.broker.HistoryPage;
import dev.starling.protocol.ChannelName;
import dev.starling.protocol.StreamPosition;
import dev.starling.redis.RedisServer;
import dev.starling.setting.HistoryLimits;
import io.lettuce.core.RestoreArgs;
import io.lettuce.core.api.sync.RedisCommands;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * One channel on two servers, of which each may think that it is the master, and clients that read from either: what happens is
 * drawn by lot, and an oracle knows which messages each server and each client has.
 */
final class PositionHistories {

    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final ChannelName CHANNEL = new ChannelName("chat:1");
    private static final HistoryLimits LIMITS = new HistoryLimits(10_000, Duration.ofMinutes(5));
    private static final int CLIENTS = 6;

    /** What a server has had at some time. */
    private record State(
            byte @Nullable [] meta, byte @Nullable [] stream, List<Integer> messages, Set<String> epochs) {}

    /** A server, and what is in it. */
    private static final class Side {
        private final RedisServer server;
        private final LettuceNode node;
        private final List<State> past = new ArrayList<>();
        private List<Integer> messages = new ArrayList<>();
        private Set<String> epochs = new HashSet<>();

        Side(RedisServer server, LettuceNode node) {
            this.server = server;
            this.node = node;
        }
    }

    /** A client: where it is, and all that it has seen up to there. */
    private static final class Client {
        private @Nullable StreamPosition position;
        private List<Integer> seen = List.of();
        private boolean follows;
    }

    private final Random random;
    private final String name;
    private final List<Side> sides = new ArrayList<>();
    private final List<Client> clients = new ArrayList<>();
    private int published;
    private int held;
    private int refused;

    PositionHistories(long seed, List<RedisServer> servers, List<LettuceNode> nodes) {
        random = new Random(seed);
        name = "history " + seed;
        for (int i = 0; i < servers.size(); i++) {
            sides.add(new Side(servers.get(i), nodes.get(i)));
        }
        for (int i = 0; i < CLIENTS; i++) {
            clients.add(new Client());
        }
    }

    /** How many positions held, and how many did not. */
    List<Integer> run(int steps) {
        sides.forEach(side -> side.server.cli("FLUSHALL"));
        publish(sides.get(0));
        takeOver(sides.get(1), snapshot(sides.get(0)));
        for (int i = 0; i < steps; i++) {
            step(sides.get(random.nextInt(sides.size())));
        }
        return List.of(held, refused);
    }

    private void step(Side side) {
        switch (random.nextInt(20)) {
            case 0, 1, 2, 3, 4, 5, 6 -> publish(side);
            case 7, 8 -> side.past.add(snapshot(side));
            case 9 -> restart(side);
            case 10 -> loseTheTail(side);
            case 11 -> takeOverFromTheOther(side);
            case 12 -> repeat(side);
            default -> comeBack(clients.get(random.nextInt(CLIENTS)), side);
        }
    }

    private void publish(Side side) {
        keep(side, null);
    }

    /** The message has its key, and is sent twice. */
    private void repeat(Side side) {
        String key = "k" + published;
        StreamPosition first = keep(side, key);
        assertThat(done(side.node.streams().publish(CHANNEL, bytes(-1), LIMITS, key)))
                .as(name)
                .isEqualTo(first);
    }

    private StreamPosition keep(Side side, @Nullable String key) {
        int message = ++published;
        StreamPosition position = done(side.node.streams().publish(CHANNEL, bytes(message), LIMITS, key));
        side.messages.add(message);
        side.epochs.add(position.epoch());
        assertThat(position.offset()).as(name).isEqualTo(side.messages.size());
        return position;
    }

    private static State snapshot(Side side) {
        RedisCommands<String, byte[]> commands = side.node.connection().sync();
        return new State(
                commands.dump(LettuceNode.KEYS.meta(CHANNEL)),
                commands.dump(LettuceNode.KEYS.stream(CHANNEL)),
                List.copyOf(side.messages),
                Set.copyOf(side.epochs));
    }

    /** The process is another one, and its data is the same. */
    private static void restart(Side side) {
        side.server.cli("REPLICAOF", RedisServer.HOST, "1");
        side.server.cli("REPLICAOF", "NO", "ONE");
    }

    private void loseTheTail(Side side) {
        if (!side.past.isEmpty()) {
            takeOver(side, side.past.get(random.nextInt(side.past.size())));
        }
    }

    /** It was the replica of the other one, and may lag. */
    private void takeOverFromTheOther(Side side) {
        Side other = sides.get(1 - sides.indexOf(side));
        boolean lags = random.nextBoolean() && !other.past.isEmpty();
        takeOver(side, lags ? other.past.get(random.nextInt(other.past.size())) : snapshot(other));
        side.past.clear();
        side.past.addAll(other.past);
    }

    private static void takeOver(Side side, State state) {
        RedisCommands<String, byte[]> commands = side.node.connection().sync();
        commands.flushall();
        restore(commands, LettuceNode.KEYS.meta(CHANNEL), state.meta());
        restore(commands, LettuceNode.KEYS.stream(CHANNEL), state.stream());
        side.messages = new ArrayList<>(state.messages());
        side.epochs = new HashSet<>(state.epochs());
        restart(side);
    }

    private static void restore(RedisCommands<String, byte[]> commands, String key, byte @Nullable [] value) {
        if (value != null) {
            commands.restore(key, value, RestoreArgs.Builder.ttl(Duration.ofMinutes(5)));
        }
    }

    private void comeBack(Client client, Side side) {
        StreamPosition since = client.position;
        HistoryPage page = done(
                since != null && client.follows
                        ? side.node.streams().follow(CHANNEL, LIMITS, since, 10_000, Long.MAX_VALUE)
                        : side.node.streams().read(CHANNEL, LIMITS, since, 10_000, Long.MAX_VALUE));
        assertThat(page.top().offset()).as(name).isEqualTo(side.messages.size());
        if (since != null) {
            judge(client, side, since, page);
        }
        client.position = page.top();
        client.seen = List.copyOf(side.messages);
        client.follows = random.nextBoolean();
        side.epochs.add(page.top().epoch());
    }

    private void judge(Client client, Side side, StreamPosition since, HistoryPage page) {
        boolean isSame = isPrefix(client.seen, side.messages);
        if (page.holds(since)) {
            held++;
            assertThat(isSame)
                    .as("%s: %s is told that it lost nothing", name, since)
                    .isTrue();
            List<Integer> missed = new ArrayList<>(numbers(page));
            if (client.follows && since.offset() > 0) {
                assertThat(missed.remove(0)).as(name).isEqualTo(client.seen.get(client.seen.size() - 1));
            }
            assertThat(missed).as(name).isEqualTo(side.messages.subList((int) since.offset(), side.messages.size()));
        } else {
            refused++;
            if (side.epochs.contains(since.epoch()) && side.epochs.size() <= 16) {
                assertThat(isSame).as("%s: %s is told of a loss", name, since).isFalse();
                assertThat(isPrefix(client.seen.subList(0, (int) Math.max(0, page.kept())), side.messages))
                        .as("%s: what is common to both", name)
                        .isTrue();
            }
        }
    }

    private static boolean isPrefix(List<Integer> seen, List<Integer> messages) {
        return seen.size() <= messages.size()
                && messages.subList(0, seen.size()).equals(seen);
    }

    private static List<Integer> numbers(HistoryPage page) {
        return page.publications().stream()
                .map(publication -> Integer.valueOf(new String(publication.data(), StandardCharsets.UTF_8)))
                .toList();
    }

    private static byte[] bytes(int message) {
        return Integer.toString(message).getBytes(StandardCharsets.UTF_8);
    }

    private static <T> T done(Mono<T> result) {
        return Objects.requireNonNull(result.block(PATIENCE));
    }
}
