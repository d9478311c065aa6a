package dev.starling.redis.stream;

import static org.assertj.core.api.Assertions.assertThat;

import dev.starling.protocol.ChannelName;
import dev.starling.protocol.ErrorCode;
import dev.starling.protocol.RefusedException;
import dev.starling.redis.RedisServer;
import dev.starling.redis.link.LinkNode;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** What happens when Redis answers more slowly than it is asked. */
final class CommandQueueIT {

    private static final ChannelName CHANNEL = new ChannelName("plain");
    private static final int QUEUE = 100;
    private static final int PUBLISHES = 300;

    @Test
    void whatIsBeyondTheQueueIsRefusedAtOnceAndTheRestIsPublishedWhenRedisGoesOn() {
        try (RedisServer redis = RedisServer.start();
                BrokerNode node = BrokerNode.start(
                        redis.properties(),
                        "starling.broker.redis.command-queue=" + QUEUE,
                        "starling.broker.redis.command-timeout=20s",
                        "starling.broker.redis.probe-timeout=20s")) {
            redis.freeze();

            List<CompletableFuture<?>> publishes = IntStream.range(0, PUBLISHES)
                    .<CompletableFuture<?>>mapToObj(i -> node.broker()
                            .publish(CHANNEL, Integer.toString(i).getBytes(StandardCharsets.US_ASCII), null)
                            .toFuture())
                    .toList();

            Awaitility.await().atMost(BrokerNode.PATIENCE).until(() -> refused(publishes) >= PUBLISHES - QUEUE);
            assertThat(publishes).filteredOn(publish -> !publish.isDone()).hasSizeBetween(QUEUE / 2, QUEUE);
            assertThat(publishes)
                    .filteredOn(CompletableFuture::isCompletedExceptionally)
                    .allSatisfy(publish -> assertThat(failure(publish))
                            .isInstanceOfSatisfying(RefusedException.class, refusal -> {
                                assertThat(refusal.code()).isEqualTo(ErrorCode.BROKER_UNAVAILABLE);
                                assertThat(refusal.message()).isEqualTo("too many requests wait for Redis");
                            }));
            LinkNode.await(() -> node.count("ws.broker.command.failures") >= PUBLISHES - QUEUE);

            redis.thaw();

            Awaitility.await()
                    .atMost(BrokerNode.PATIENCE)
                    .until(() -> publishes.stream().allMatch(CompletableFuture::isDone));
            assertThat(refused(publishes)).isLessThan(PUBLISHES);
            node.publish(CHANNEL, "1");
        }
    }

    private static long refused(List<CompletableFuture<?>> publishes) {
        return publishes.stream()
                .filter(CompletableFuture::isCompletedExceptionally)
                .count();
    }

    private static Throwable failure(CompletableFuture<?> publish) {
        return publish.handle((done, failure) ->
                        failure instanceof CompletionException wrapped ? wrapped.getCause() : failure)
                .join();
    }
}
