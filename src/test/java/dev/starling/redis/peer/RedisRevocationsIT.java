package dev.starling.redis.peer;

import static dev.starling.broker.RevocationsContract.lift;
import static dev.starling.broker.RevocationsContract.refuse;
import static dev.starling.broker.RevocationsContract.user;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.starling.broker.Refusal;
import dev.starling.protocol.RefusedException;
import dev.starling.redis.RedisServer;
import dev.starling.redis.link.RedisKeys;
import dev.starling.redis.link.RedisLinks;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What befalls nodes and Redis, and who is refused then. */
final class RedisRevocationsIT {

    private static final RedisServer redis = RedisServer.start();
    private static final RedisKeys KEYS = new RedisKeys("ws:");

    private final PeerGroup group = new PeerGroup();

    @AfterAll
    static void stop() {
        redis.close();
    }

    @AfterEach
    void leave() {
        group.close();
        redis.cli("FLUSHALL");
    }

    @Test
    void nodeThatWasNotToldLearnsAllWithinAHeartbeat() {
        List<PeerNode> nodes = group.start(2, redis.properties());
        List<Refusal> told = new CopyOnWriteArrayList<>();
        nodes.get(1).revocations().listen(told::add);
        refuse(nodes.get(0).revocations(), user("ann"));
        awaitRefused(nodes.get(1), "ann");
        nodes.get(1).part(RedisLinks.class).remove(KEYS.refusals());
        PeerNode.await(() -> redis.cli("PUBSUB", "NUMSUB", KEYS.refusals()).endsWith("1"));

        refuse(nodes.get(0).revocations(), user("ben"));
        lift(nodes.get(0).revocations(), Refusal.Kind.USER, "ann");

        awaitRefused(nodes.get(1), "ben");
        PeerNode.await(() -> !nodes.get(1).revocations().isRefused("ann", null));
        assertThat(told).extracting(Refusal::subject).containsExactly("ann", "ben");
    }

    @Test
    void whoIsRefusedWhileLinksAreCutIsRefusedOnAllNodes() {
        List<PeerNode> nodes = group.start(3, redis.properties());

        redis.cutClients();
        PeerNode.await(() -> {
            refuse(nodes.get(0).revocations(), user("ann"));
            return true;
        });

        nodes.forEach(node -> awaitRefused(node, "ann"));
    }

    @Test
    void nodeThatStartsLearnsWhoIsRefused() {
        PeerNode first = group.start(1, redis.properties()).get(0);
        IntStream.range(0, 3000).parallel().forEach(i -> refuse(first.revocations(), user("u" + i)));

        PeerNode second = group.join("late", redis.properties());

        PeerNode.await(() ->
                IntStream.range(0, 3000).allMatch(i -> second.revocations().isRefused("u" + i, null)));
    }

    @Test
    void withoutRedisThoseKnownAreRefusedAndNoMoreAreTaken() {
        List<PeerNode> nodes = group.start(2, redis.properties());
        refuse(nodes.get(0).revocations(), user("ann"));
        awaitRefused(nodes.get(1), "ann");

        redis.kill();
        assertThatThrownBy(() -> refuse(nodes.get(0).revocations(), user("ben")))
                .isInstanceOf(RefusedException.class);
        assertThatThrownBy(() -> lift(nodes.get(0).revocations(), Refusal.Kind.USER, "ann"))
                .isInstanceOf(RefusedException.class);
        nodes.forEach(
                node -> assertThat(node.revocations().isRefused("ann", null)).isTrue());
        assertThat(nodes.get(0).revocations().isRefused("ben", null)).isFalse();

        redis.restartEmpty();
        awaitRestored();
        nodes.forEach(
                node -> assertThat(node.revocations().isRefused("ann", null)).isTrue());
    }

    @Test
    void whatRedisHasLostIsPutBack() {
        List<PeerNode> nodes = group.start(2, redis.properties());
        refuse(nodes.get(0).revocations(), user("ann"));
        awaitRefused(nodes.get(1), "ann");

        redis.cli("FLUSHALL");
        awaitRestored();
        refuse(nodes.get(1).revocations(), user("ben"));
        nodes.forEach(node -> awaitRefused(node, "ben"));
        lift(nodes.get(0).revocations(), Refusal.Kind.USER, "ann");
        nodes.forEach(node -> PeerNode.await(() -> !node.revocations().isRefused("ann", null)));

        redis.cli("DEL", KEYS.refusalsVersion());
        nodes.forEach(node -> PeerNode.await(
                () -> !redis.cli("HGET", KEYS.refusalsVersion(), "e").isEmpty()));
        nodes.forEach(node -> awaitRefused(node, "ben"));
        assertThat(redis.cli("ZRANGE", KEYS.refusals(), "0", "-1")).isEqualTo("u ben");
    }

    @Test
    void whatIsNoChangeIsCountedAndHasNoEffect() {
        List<PeerNode> nodes = group.start(2, redis.properties());
        refuse(nodes.get(0).revocations(), user("ann"));

        List.of("", "x", "1r", "1rx:e:0:u ann", "1r1:e:-1:u ann", "1r1:e", "2r1:e:0:u ann", "1r1:e:0:z ann")
                .forEach(envelope -> redis.cli("PUBLISH", KEYS.refusals(), envelope));
        redis.cli("ZADD", KEYS.refusals(), "9000000000000000", "z what a newer node refuses");

        PeerNode.await(() -> nodes.get(1).count("ws.peers.dropped", "reason", "newer") == 2);
        nodes.forEach(node -> awaitRefused(node, "ann"));
        PeerNode third = group.join("late", redis.properties());
        awaitRefused(third, "ann");
    }

    private static void awaitRefused(PeerNode node, String user) {
        PeerNode.await(() -> node.revocations().isRefused(user, null));
    }

    private static void awaitRestored() {
        PeerNode.await(() -> redis.cli("ZRANGE", KEYS.refusals(), "0", "-1").equals("u ann"));
    }
}
