package dev.starling.redis;

import static org.assertj.core.api.Assertions.assertThat;

import io.lettuce.core.RedisCommandExecutionException;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
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

    @Test
    void whoAnswersWithAnErrorIsDeadForThatReason() {
        start(CompletableFuture.failedFuture(new RedisCommandExecutionException("NOAUTH Authentication required.")));

        LinkNode.await(() -> deaths.equals(List.of(RedisFault.AUTH_REFUSED)));
    }

    @Test
    void whoIsNoLongerWatchedIsNotDead() {
        PingLoop pings = start(new CompletableFuture<>());
        LinkNode.await(() -> sent.size() == 1);
        loop.execute(pings::stop);

        CompletableFuture<Void> later = new CompletableFuture<>();
        loop.schedule(
                () -> later.complete(null), QUICK.probeTimeout().multipliedBy(3).toNanos());
        LinkNode.await(later::isDone);
        assertThat(deaths).isEmpty();
    }

    private PingLoop start(CompletableFuture<String> answer) {
        PingLoop pings = new PingLoop(
                loop,
                QUICK,
                () -> {
                    sent.add(answer);
                    return answer;
                },
                deaths::add);
        loop.execute(pings::start);
        return pings;
    }
}
