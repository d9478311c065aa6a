package dev.starling.redis.link;

import static org.assertj.core.api.Assertions.assertThat;

import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.RedisException;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.mock.env.MockEnvironment;

final class PingLoopTests {

    /** An interval and a timeout of 100 ms. */
    static final RedisProperties QUICK = Binder.get(new MockEnvironment()
                    .withProperty("starling.broker.redis.probe-interval", "100ms")
                    .withProperty("starling.broker.redis.probe-timeout", "100ms"))
            .bindOrCreate("starling.broker.redis", RedisProperties.class);

    private final LinkLoop loop = new LinkLoop();
    private final Queue<CompletableFuture<String>> sent = new ConcurrentLinkedQueue<>();
    private final List<String> answers = new CopyOnWriteArrayList<>();
    private final List<RedisFault> deaths = new CopyOnWriteArrayList<>();

    @AfterEach
    void endLoop() {
        loop.close(Duration.ofSeconds(2));
    }

    @Test
    void whoAnswersIsAskedAgainAndAgain() {
        start(CompletableFuture.completedFuture("PONG"));

        LinkNode.await(() -> sent.size() >= 4);
        assertThat(deaths).isEmpty();
    }

    @Test
    void whoDoesNotAnswerIsDeadOnce() {
        long began = System.nanoTime();
        start(new CompletableFuture<>());

        LinkNode.await(() -> !deaths.isEmpty());
        assertThat(Duration.ofNanos(System.nanoTime() - began)).isGreaterThanOrEqualTo(QUICK.probeTimeout());
        assertThat(deaths).containsExactly(RedisFault.TIMEOUT);
        assertThat(sent).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "MISCONF Redis is configured to save RDB snapshots, but it's currently unable to persist to disk.",
                "OOM command not allowed when used memory > 'maxmemory'.",
                "NOREPLICAS Not enough good replicas to write.",
                "LOADING Redis is loading the dataset in memory",
                "BUSY Redis is busy running a script.",
                "NOPERM this user has no permissions to run the 'ping' command",
                "CLUSTERDOWN The cluster is down",
                "ERR unknown command 'PING'"
            })
    void anErrorReplyIsAnAnswer(String error) {
        start(CompletableFuture.failedFuture(new RedisCommandExecutionException(error)));

        LinkNode.await(() -> sent.size() >= 4 && answers.size() >= 3);
        assertThat(answers).containsOnly("null");
        assertThat(deaths).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "NOAUTH Authentication required., AUTH_REFUSED",
        "READONLY You can't write against a read only replica., READ_ONLY",
        "MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'., READ_ONLY"
    })
    void anErrorReplyThatAnotherConnectionWouldNotGetEndsThisOne(String error, RedisFault fault) {
        start(CompletableFuture.failedFuture(new RedisCommandExecutionException(error)));

        LinkNode.await(() -> deaths.equals(List.of(fault)));
        assertThat(answers).isEmpty();
    }

    @Test
    void aConnectionThatBreaksIsDead() {
        start(CompletableFuture.failedFuture(new RedisException("Connection disconnected")));

        LinkNode.await(() -> deaths.equals(List.of(RedisFault.DISCONNECTED)));
    }

    @Test
    void whoIsNoLongerWatchedIsNotDead() {
        PingLoop<String> pings = start(new CompletableFuture<>());
        LinkNode.await(() -> sent.size() == 1);
        loop.execute(pings::stop);

        CompletableFuture<Void> later = new CompletableFuture<>();
        loop.schedule(
                () -> later.complete(null), QUICK.probeTimeout().multipliedBy(3).toNanos());
        LinkNode.await(later::isDone);
        assertThat(deaths).isEmpty();
    }

    private PingLoop<String> start(CompletableFuture<String> answer) {
        PingLoop<String> pings = new PingLoop<>(
                loop,
                PingLoop.Pace.of(QUICK),
                () -> {
                    sent.add(answer);
                    return answer;
                },
                pong -> answers.add(String.valueOf(pong)),
                deaths::add);
        loop.execute(pings::start);
        return pings;
    }
}
