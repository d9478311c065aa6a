package dev.starling.redis.presence;

import static dev.starling.broker.PresenceContract.CHANNEL;
import static dev.starling.broker.PresenceContract.connections;
import static dev.starling.broker.PresenceContract.enter;
import static dev.starling.broker.PresenceContract.leave;
import static dev.starling.broker.PresenceContract.member;
import static dev.starling.broker.PresenceContract.members;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.starling.broker.PresencePage;
import dev.starling.protocol.ChannelName;
import dev.starling.protocol.ErrorCode;
import dev.starling.protocol.PresenceChange;
import dev.starling.protocol.RefusedException;
import dev.starling.redis.RedisServer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What befalls nodes and Redis, and who is present then. */
final class RedisPresenceIT {

    private static final RedisServer redis = RedisServer.startDurable();
    private static final Duration TTL = Duration.ofSeconds(2);
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final PresenceCluster cluster = new PresenceCluster(redis.port(), TTL);
    private final RedisPresence first = cluster.node();
    private final RedisPresence second = cluster.node();
    private final List<PresenceChange> changes = new CopyOnWriteArrayList<>();

    RedisPresenceIT() {
        first.listen(changes::add);
        second.listen(changes::add);
    }

    @AfterAll
    static void stop() {
        redis.close();
    }

    @AfterEach
    void leaveNothing() {
        cluster.close();
        redis.cli("FLUSHALL");
    }

    @Test
    void membersOfAKilledNodeAreGoneAfterTheTimeToLiveAndToldOnce() {
        RedisPresence doomed = cluster.node();
        enter(first, CHANNEL, member("ann", "c1", 1));
        enter(second, CHANNEL, member("ben", "c2", 2));
        enter(doomed, CHANNEL, member("cid", "c3", 3));
        assertThat(connections(members(first, CHANNEL, 10))).containsExactly("c1", "c2", "c3");

        doomed.close();

        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(members(first, CHANNEL, 10))
                        .isEqualTo(new PresencePage(2, List.of(member("ann", "c1", 1), member("ben", "c2", 2)))));
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(left()).containsExactly("c3"));
        await().atMost(PATIENCE).until(() -> cluster.count("ws.presence.expired") == 1);
        awaitOneMoreTimeToLive();
        assertThat(left()).containsExactly("c3");
        assertThat(connections(members(first, CHANNEL, 10))).containsExactly("c1", "c2");
        assertThat(redis.cli("ZCARD", "ws:presence:{" + CHANNEL + "}")).isEqualTo("2");
    }

    @Test
    void membersComeBackAfterTheDatabaseWasFlushed() {
        enter(first, CHANNEL, member("ann", "c1", 1));
        enter(second, CHANNEL, member("ben", "c2", 2));

        redis.cli("FLUSHALL");

        assertThat(members(first, CHANNEL, 10).count()).isLessThanOrEqualTo(2);
        await().atMost(PATIENCE)
                .untilAsserted(() ->
                        assertThat(connections(members(first, CHANNEL, 10))).containsExactly("c1", "c2"));
    }

    @Test
    void ofTwoSetsThatBelongTogetherTheLostOneComesBack() {
        enter(first, CHANNEL, member("ann", "c1", 1));
        enter(first, CHANNEL, member("ben", "c2", 1));

        redis.cli("DEL", PresenceCluster.KEYS.presence(CHANNEL));
        await().atMost(PATIENCE)
                .untilAsserted(() ->
                        assertThat(connections(members(first, CHANNEL, 10))).containsExactly("c1", "c2"));

        redis.cli("ZADD", PresenceCluster.KEYS.presence(CHANNEL), "0", "stray user");
        assertThat(members(first, CHANNEL, 1).members()).containsExactly(member("ann", "c1", 1));
        assertThat(redis.cli("ZSCORE", PresenceCluster.KEYS.presence(CHANNEL), "stray user"))
                .isEmpty();
    }

    @Test
    void afterAnOutageOfMoreThanTheTimeToLiveNobodyIsSaidToHaveLeft() {
        enter(first, CHANNEL, member("ann", "c1", 1));
        enter(second, CHANNEL, member("ben", "c2", 2));
        enter(second, CHANNEL, member("cid", "c3", 3));

        redis.kill();
        assertRefused(() -> enter(first, CHANNEL, member("dan", "c4", 4)));
        assertRefused(() -> leave(second, CHANNEL, "c3"));
        assertRefused(() -> members(first, CHANNEL, 10));
        awaitOneMoreTimeToLive();
        redis.restart();

        await().atMost(PATIENCE)
                .untilAsserted(() ->
                        assertThat(connections(members(second, CHANNEL, 10))).containsExactly("c1", "c2", "c4"));
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(left()).containsExactly("c3"));
        assertThat(cluster.count("ws.presence.failures", "operation", "write")).isPositive();
        assertThat(cluster.count("ws.presence.failures", "operation", "read")).isPositive();
    }

    @Test
    void whatIsOfNoUseToAnybodyGoesByItself() {
        enter(first, CHANNEL, member("ann", "c1", 1));

        first.close();

        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(redis.cli("KEYS", "ws:*")).isEmpty());
    }

    @Test
    void aStormOfManyConnectionsIsToldInFewBatches() {
        AtomicInteger told = new AtomicInteger();
        RedisPresence third = cluster.node(PATIENCE); // a machine that is slow at this must not make members expire
        third.listen(change -> told.incrementAndGet());
        redis.cli("CONFIG", "RESETSTAT");

        PresenceCluster.forEach(20_000, i -> third.enter(CHANNEL, member("u" + i, "c" + i, i)));
        assertThat(members(second, CHANNEL, 0).count()).isEqualTo(20_000);
        PresenceCluster.forEach(20_000, i -> third.leave(CHANNEL, "c" + i));

        assertThat(members(second, CHANNEL, 0).count()).isZero();
        assertThat(told).hasValue(40_000);
        assertThat(PresenceCluster.scripts(redis)).isLessThan(2_000);
    }

    @Test
    void leavesThatWaitForAnotherAttemptAreToldBeforeTheEnd() {
        enter(first, CHANNEL, member("ann", "c1", 1));
        refuseWrites();
        assertRefused(() -> leave(first, CHANNEL, "c1"));
        takeWrites();

        first.close();

        assertThat(redis.cli("EXISTS", PresenceCluster.KEYS.presence(CHANNEL))).isEqualTo("0");
    }

    /** More than can be remembered expire, and are announced when they do. */
    @Test
    void leavesBeyondTheBoundExpire() {
        RedisPresence many = cluster.node(Duration.ofSeconds(5));
        int all = RedisPresence.MOST_UNTOLD + 100;
        PresenceCluster.forEach(all, i -> many.enter(CHANNEL, member("u", "m" + i, i)));
        enter(second, CHANNEL, member("ben", "c2", 2));
        refuseWrites();
        assertRefused(() -> leave(many, CHANNEL, "m0"));

        IntStream.range(1, all).forEach(i -> many.leave(CHANNEL, "m" + i).subscribe(done -> {}, refused -> {}));

        await().atMost(PATIENCE).until(() -> cluster.count("ws.presence.forgotten") == 100);
        takeWrites();
        await().atMost(PATIENCE).until(() -> cluster.count("ws.presence.expired") == 100);
        assertThat(connections(members(second, CHANNEL, 10))).containsExactly("c2");
        assertThat(cluster.count("ws.presence.forgotten")).isEqualTo(100);
    }

    @Test
    void channelsThatEmptyWhileRedisFailsAreForgottenBeyondTheBound() {
        enter(first, CHANNEL, member("ann", "c1", 1));
        refuseWrites();
        assertRefused(() -> enter(first, CHANNEL, member("ann", "c3", 1)));

        for (int i = 0; i < RedisPresence.MOST_UNTOLD + 1_000; i++) {
            ChannelName inbox = new ChannelName("inbox:" + i);
            first.enter(inbox, member("ben", "c2", 2)).subscribe(done -> {}, refused -> {});
            first.leave(inbox, "c2").subscribe(done -> {}, refused -> {});
        }

        await().atMost(PATIENCE).until(() -> cluster.count("ws.presence.forgotten") >= 1_000);
        await().atMost(PATIENCE).until(() -> cluster.value("ws.presence.channels") <= RedisPresence.MOST_UNTOLD + 1);
        takeWrites();
        await().atMost(PATIENCE).until(() -> cluster.value("ws.presence.channels") == 1);
    }

    /** As after a failover, to a node that is still connected to what was the master. */
    private static void refuseWrites() {
        redis.cli("REPLICAOF", RedisServer.HOST, "1");
    }

    private static void takeWrites() {
        redis.cli("REPLICAOF", "NO", "ONE");
    }

    private List<String> left() {
        return changes.stream()
                .filter(change -> !change.joined())
                .map(change -> change.member().connection())
                .toList();
    }

    private static void assertRefused(Runnable call) {
        assertThatThrownBy(call::run)
                .isInstanceOfSatisfying(
                        RefusedException.class,
                        refused -> assertThat(refused.code()).isEqualTo(ErrorCode.BROKER_UNAVAILABLE));
    }

    /** For what has to be true still when time has passed. */
    private static void awaitOneMoreTimeToLive() {
        long end = System.nanoTime() + TTL.toNanos();
        await().atMost(PATIENCE).until(() -> System.nanoTime() - end > 0);
    }
}
