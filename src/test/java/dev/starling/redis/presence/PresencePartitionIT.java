package dev.starling.redis.presence;

import static dev.starling.broker.PresenceContract.CHANNEL;
import static dev.starling.broker.PresenceContract.member;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.starling.protocol.Member;
import dev.starling.protocol.PresenceChange;
import dev.starling.redis.BlackHole;
import dev.starling.redis.RedisServer;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * A node whose writes are done but not answered, or done much later than it believes. Whoever keeps a list by the changes that
 * are told has to have the right one in the end.
 */
final class PresencePartitionIT {

    private static final Duration TTL = Duration.ofSeconds(3);
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private static final RedisServer redis = RedisServer.start();

    private final BlackHole network = new BlackHole(redis.port());
    private final PresenceCluster behind = new PresenceCluster(network.port(), TTL);
    private final PresenceCluster beside = new PresenceCluster(redis.port(), TTL);
    private final RedisPresence cut = behind.node();
    private final RedisPresence other = beside.node();

    /** What an observer has who began with nobody, and applies each change. */
    private final Set<String> list = ConcurrentHashMap.newKeySet();

    private final List<PresenceChange> changes = new CopyOnWriteArrayList<>();

    PresencePartitionIT() {
        cut.listen(this::apply);
        other.listen(this::apply);
    }

    @AfterAll
    static void stop() {
        redis.close();
    }

    @AfterEach
    void end() {
        network.heal();
        behind.close();
        beside.close();
        network.close();
        redis.cli("FLUSHALL");
    }

    private void apply(PresenceChange change) {
        changes.add(change);
        if (change.joined()) {
            list.add(change.member().connection());
        } else {
            list.remove(change.member().connection());
        }
    }

    @Test
    void aJoinWhoseAnswerWasLostIsTold() {
        enter(cut, "c1");
        network.swallowAnswers();
        begin(cut, "c2");
        awaitInRedis("c1", "c2");

        heal();

        awaitList("c1", "c2");
    }

    @Test
    void aLeaveWhoseAnswerWasLostIsTold() {
        enter(cut, "c1");
        enter(cut, "c2");
        enter(other, "c3");
        network.swallowAnswers();
        cut.leave(CHANNEL, "c2").subscribe(done -> {}, refused -> {});
        awaitInRedis("c1", "c3");

        heal();

        awaitList("c1", "c3");
    }

    @Test
    void theLeaveOfTheLastOneWhoseAnswerWasLostIsTold() {
        enter(cut, "c1");
        enter(other, "c3");
        network.swallowAnswers();
        cut.leave(CHANNEL, "c1").subscribe(done -> {}, refused -> {});
        awaitInRedis("c3");

        heal();

        awaitList("c3");
    }

    @Test
    void oneThatComesAndGoesWhileNoAnswerComesIsInNoList() {
        enter(cut, "c1");
        network.swallowAnswers();
        begin(cut, "c2");
        awaitInRedis("c1", "c2");
        cut.leave(CHANNEL, "c2").subscribe(done -> {}, refused -> {});

        heal();

        awaitList("c1");
        awaitInRedis("c1");
    }

    @Test
    void theSameOneThatGoesAndComesBackWhileNoAnswerComesIsInTheList() {
        enter(cut, "c1");
        network.swallowAnswers();
        cut.leave(CHANNEL, "c1").subscribe(done -> {}, refused -> {});
        awaitInRedis();
        begin(cut, "c1");

        heal();

        awaitList("c1");
        awaitInRedis("c1");
    }

    @Test
    void membersThatExpiredDuringAPartitionAreToldToBeBack() {
        enter(cut, "c1");
        enter(other, "c3");
        network.open();
        await().atMost(PATIENCE).until(() -> list.equals(Set.of("c3")));

        heal();

        awaitList("c1", "c3");
    }

    @Test
    void thoseThatExpiredInAWriteWhoseAnswerWasLostAreToldToHaveLeft() {
        enter(cut, "c1");
        list.add("c9");
        network.swallowAnswers();
        redis.cli("ZADD", PresenceCluster.KEYS.presence(CHANNEL), "1", "c9 user");
        redis.cli("ZADD", PresenceCluster.KEYS.presenceExpiry(CHANNEL), "1", "c9 user");
        awaitInRedis("c1");

        heal();

        awaitList("c1");
    }

    /** The connection is given up by the node, which tells Redis of a newer state over another one. */
    @Test
    void aWriteThatArrivesAfterALaterOneChangesNothing() {
        RedisMembers late = beside.members();
        Member member = member("user", "c1", 1);
        assertThat(late.write(CHANNEL, 5, 0, List.of(), List.of(member), 0).block(PATIENCE))
                .isEmpty();

        assertThat(late.write(CHANNEL, 4, 0, List.of(member), List.of(), 0).block(PATIENCE))
                .isEmpty();

        assertThat(redis.cli("ZCARD", PresenceCluster.KEYS.presence(CHANNEL))).isEqualTo("0");
        assertThat(late.write(CHANNEL, 6, 5, List.of(member), List.of(), 0).block(PATIENCE))
                .containsExactly(new RedisMembers.Change(true, false, member));
    }

    @Test
    void whatWasNotReadIsAnsweredAgainUntilItIs() {
        RedisMembers members = beside.members();
        Member first = member("user", "c1", 1);
        Member second = member("user", "c2", 2);
        RedisMembers.Change came = new RedisMembers.Change(true, false, first);
        assertThat(members.write(CHANNEL, 1, 0, List.of(first), List.of(), 0).block(PATIENCE))
                .containsExactly(came);
        assertThat(members.write(CHANNEL, 2, 0, List.of(second), List.of(first), 0)
                        .block(PATIENCE))
                .containsExactly(
                        came,
                        new RedisMembers.Change(true, false, second),
                        new RedisMembers.Change(false, false, first));

        assertThat(members.write(CHANNEL, 3, 2, List.of(second), List.of(), 0).block(PATIENCE))
                .isEmpty();
        assertThat(members.write(CHANNEL, 4, 3, List.of(), List.of(), 0).block(PATIENCE))
                .isEmpty();
    }

    private static void enter(RedisPresence node, String connection) {
        node.enter(CHANNEL, member("user", connection, 1)).block(PATIENCE);
    }

    /** Without waiting for an answer, which may never come. */
    private static void begin(RedisPresence node, String connection) {
        Future<Void> entering =
                node.enter(CHANNEL, member("user", connection, 1)).toFuture();
        assertThat(entering).isNotDone();
    }

    /** When the node has given up its command at least. */
    private void heal() {
        await().atMost(PATIENCE).until(() -> behind.count("ws.presence.failures", "operation", "write") >= 1);
        network.heal();
    }

    private static void awaitInRedis(String... connections) {
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(
                                redis.list("ZRANGE", PresenceCluster.KEYS.presence(CHANNEL), "0", "-1").stream()
                                        .map(member -> String.valueOf(member).split(" ", 2)[0])
                                        .toList())
                        .containsExactlyInAnyOrder(connections));
    }

    /** Within a round, and it stays so for another. */
    private void awaitList(String... connections) {
        Duration round = TTL.dividedBy(3);
        await().atMost(PATIENCE)
                .during(round)
                .untilAsserted(() -> assertThat(list).as(changes.toString()).containsExactlyInAnyOrder(connections));
    }
}
