package dev.starling.redis.peer;

import static dev.starling.broker.PeersContract.ask;
import static dev.starling.broker.PeersContract.assertRefused;
import static dev.starling.broker.PeersContract.bytes;
import static dev.starling.broker.PeersContract.known;
import static dev.starling.broker.PeersContract.reasons;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.starling.broker.LocalAnswers;
import dev.starling.broker.Peer;
import dev.starling.broker.PeerReply;
import dev.starling.broker.PeersContract;
import dev.starling.protocol.RefusedException;
import dev.starling.redis.RedisServer;
import dev.starling.redis.link.RedisKeys;
import dev.starling.redis.link.RedisLinks;
import dev.starling.redis.stream.LettuceNode;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.publisher.Mono;

/** What befalls nodes that ask each other, and the Redis between them. */
final class RedisPeersIT {

    private static final RedisServer redis = RedisServer.start();
    private static final RedisKeys KEYS = new RedisKeys("ws:");

    /** What a busy machine may take longer. */
    private static final Duration SLACK = Duration.ofSeconds(1);

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
    void killedNodeIsNamedAtOnceAndGoneAfterItsTimeToLive() {
        List<PeerNode> nodes = group.start(3, redis.properties());
        nodes.forEach(node -> node.peers().answer(Mono::just));
        Peer doomed = nodes.get(2).self();

        nodes.get(2).kill();
        long killed = System.nanoTime();

        List<PeerReply> replies = ask(nodes.get(0).peers(), "?");
        Duration took = Duration.ofNanos(System.nanoTime() - killed);
        assertThat(replies).hasSize(3).contains(new PeerReply.Missing(doomed, PeerReply.Reason.SILENT));
        assertThat(reasons(replies)).hasSize(1);
        assertThat(took).isLessThan(PeersContract.PATIENCE.dividedBy(4)); // the deadline is far off
        PeerNode.await(() -> !known(nodes.get(0).peers()).contains(doomed));
        assertThat(Duration.ofNanos(System.nanoTime() - killed)).isLessThan(PeerNode.TTL.plus(SLACK));
        assertThat(reasons(ask(nodes.get(1).peers(), "?"))).isEmpty();
        PeerNode.await(() -> redis.cli("ZCARD", KEYS.nodes()).equals("2"));
    }

    @Test
    void nodeThatStopsIsGoneAtOnce() {
        List<PeerNode> nodes = group.start(2, redis.properties());

        nodes.get(1).close();

        assertThat(known(nodes.get(0).peers())).extracting(Peer::name).containsExactly("node-0");
        nodes.get(0).close();
        assertThat(redis.cli("KEYS", "ws:nodes*")).isEmpty();
    }

    @Test
    void nodesOfTheSameNameAreTwoNodes() {
        List<PeerNode> nodes = Stream.generate(() -> group.join("same", redis.properties()))
                .limit(2)
                .toList();
        nodes.forEach(node -> node.peers().answer(question -> Mono.just(bytes(node.id()))));

        List<PeerReply> replies = ask(nodes.get(0).peers(), "?");

        assertThat(replies).extracting(reply -> reply.peer().name()).containsExactly("same", "same");
        assertThat(replies)
                .allSatisfy(reply -> assertThat(((PeerReply.Answer) reply).bytes())
                        .isEqualTo(bytes(reply.peer().id())));
    }

    @Test
    void withoutRedisNobodyIsAskedAndAfterItAllAreAgain() {
        List<PeerNode> nodes = group.start(2, redis.properties());
        AtomicInteger asked = new AtomicInteger();
        nodes.forEach(node -> node.peers().answer(question -> {
            asked.incrementAndGet();
            return Mono.just(question);
        }));

        redis.kill();
        PeerNode.await(() -> !nodes.get(0)
                .part(RedisLinks.class)
                .isUp(KEYS.inbox(nodes.get(0).id())));
        long start = System.nanoTime();
        assertRefused(nodes.get(0).peers());
        assertThatThrownBy(() -> known(nodes.get(0).peers())).isInstanceOf(RefusedException.class);
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(1));
        assertThat(asked).hasValue(0);
        assertThat(nodes.get(0).count("ws.peers.questions", "outcome", "refused"))
                .isEqualTo(1);

        redis.restartEmpty();
        PeerNode.awaitTogether(nodes);
        assertThat(reasons(ask(nodes.get(0).peers(), "?"))).isEmpty();
        assertThat(asked).hasValue(2);
    }

    @Test
    void afterTheDatabaseWasFlushedTheNodesAreBackWithinAHeartbeat() {
        List<PeerNode> nodes = group.start(2, redis.properties());

        redis.cli("FLUSHALL");
        long flushed = System.nanoTime();

        assertThat(known(nodes.get(0).peers())).extracting(Peer::name).contains("node-0");
        PeerNode.await(() -> known(nodes.get(0).peers()).size() == 2);
        assertThat(Duration.ofNanos(System.nanoTime() - flushed)).isLessThan(PeerNode.HEARTBEAT.plus(SLACK));
    }

    @Test
    void allAnswersTogetherMayHave16MegabytesWhateverOneMayHave() {
        List<PeerNode> nodes = group.start(2, redis.properties(), "starling.nodes.max-answer=16MB");
        int half = 8 << 20;

        nodes.forEach(node -> node.peers().answer(question -> Mono.just(new byte[half])));
        assertThat(reasons(ask(nodes.get(0).peers(), "?"))).isEmpty();

        nodes.forEach(node -> node.peers().answer(question -> Mono.just(new byte[half + 1])));
        assertThat(ask(nodes.get(0).peers(), "?"))
                .contains(new PeerReply.Missing(nodes.get(1).self(), PeerReply.Reason.TOO_LARGE))
                .hasSize(2);
    }

    @Test
    void nodeThatAnswersTooManyIsNamedAtOnce() {
        List<PeerNode> nodes = group.start(3, redis.properties());
        AtomicInteger asked = new AtomicInteger();
        nodes.forEach(node -> node.peers().answer(Mono::just));
        nodes.get(1).peers().answer(question -> {
            asked.incrementAndGet();
            return Mono.never();
        });
        Disposable.Composite underWay = Disposables.composite();
        IntStream.range(0, LocalAnswers.MOST)
                .forEach(i -> underWay.add(
                        nodes.get(0).peers().ask(bytes("?"), PeerNode.PATIENCE).subscribe()));
        PeerNode.await(() -> asked.get() == LocalAnswers.MOST);

        assertThat(reasons(ask(nodes.get(2).peers(), "?"))).containsExactly(PeerReply.Reason.FAILED);
        assertThat(nodes.get(1).count("ws.peers.answers", "outcome", "busy")).isEqualTo(1);
        underWay.dispose();
    }

    @Test
    void answerThatComesTooLateIsCountedAndHasNoEffect() {
        List<PeerNode> nodes = group.start(2, redis.properties());
        nodes.forEach(node -> node.peers().answer(Mono::just));
        String inbox = KEYS.inbox(nodes.get(0).id());

        try (LettuceNode stranger = new LettuceNode(redis)) {
            stranger.connection()
                    .sync()
                    .publish(inbox, PeerCodec.encode(new PeerCodec.Envelope.Answer(7, null, bytes("late"))));
        }

        PeerNode.await(() -> nodes.get(0).count("ws.peers.dropped", "reason", "late") == 1);
        assertThat(reasons(ask(nodes.get(0).peers(), "?"))).isEmpty();
    }

    @Test
    void whatIsNoEnvelopeIsCountedAndHasNoEffect() {
        List<PeerNode> nodes = group.start(2, redis.properties());
        nodes.forEach(node -> node.peers().answer(Mono::just));
        PeerNode node = nodes.get(1);
        double foreign = node.count("ws.peers.dropped", "reason", "foreign");

        List.of("", "x", "1", "1q", "1z-of-no-kind", "1a1234567", "1qtooshort", "2qof a newer node")
                .forEach(envelope -> redis.cli("PUBLISH", KEYS.inbox(node.id()), envelope));
        redis.cli("ZADD", KEYS.nodes(), "9000000000000000", "no node");

        PeerNode.await(() -> node.count("ws.peers.dropped", "reason", "foreign") == foreign + 7);
        PeerNode.await(() -> node.count("ws.peers.dropped", "reason", "newer") == 1);
        assertThat(ask(nodes.get(0).peers(), "?")).hasSize(2);
        assertThat(reasons(ask(node.peers(), "?"))).isEmpty();
    }

    @Test
    void nodesAreCounted() {
        List<PeerNode> nodes = group.start(2, redis.properties());

        nodes.forEach(node -> PeerNode.await(() ->
                node.part(MeterRegistry.class).get("ws.peers.nodes").gauge().value() == 2));
    }
}
