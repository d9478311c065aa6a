package dev.starling.redis.link;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.lettuce.core.RedisChannelWriter;
import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.protocol.ConnectionFacade;
import io.lettuce.core.protocol.RedisCommand;
import io.lettuce.core.resource.ClientResources;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class CanaryTests {

    private final LinkLoop loop = new LinkLoop();
    private final ClientResources resources = ClientResources.create();
    private final List<String> outcomes = new CopyOnWriteArrayList<>();
    private final Publisher publisher = new Publisher();
    private final CommandWriter writer =
            new CommandWriter(resources, new RedisMetrics(new SimpleMeterRegistry()), fault -> {});
    private final Canary canary = new Canary(loop, writer.commands(), PingLoopTests.QUICK, false, new Outcomes());

    @AfterEach
    void end() {
        loop.close(Duration.ofSeconds(2));
        resources.shutdown();
    }

    @Test
    void whatRedisTookAndDidNotDeliverIsTold() {
        writer.attach(publisher);
        loop.execute(() -> canary.start("canary"));

        LinkNode.await(() -> outcomes.equals(List.of("undelivered")));
        assertThat(publisher.sent).hasValue(1);
    }

    @Test
    void whatComesBackIsToldAndTheNextOneSent() {
        writer.attach(publisher);
        loop.execute(() -> canary.start("canary"));
        for (int number = 1; number <= 3; number++) {
            int next = number;
            LinkNode.await(() -> publisher.sent.get() == next);
            canary.arrived("canary", Integer.toString(number).getBytes(US_ASCII));
        }

        LinkNode.await(() -> outcomes.equals(List.of("delivered", "delivered", "delivered")));
    }

    @Test
    void whatComesBackLateOrFromSomebodyElseIsNotOurs() {
        writer.attach(publisher);
        loop.execute(() -> canary.start("canary"));
        LinkNode.await(() -> publisher.sent.get() == 1);

        canary.arrived("canary", "0".getBytes(US_ASCII));
        canary.arrived("canary", "7".getBytes(US_ASCII));
        canary.arrived("canary", new byte[] {(byte) 0xff, 0});

        LinkNode.await(() -> outcomes.equals(List.of("undelivered")));
    }

    @Test
    void whatRedisDoesNotTakeSaysNothingAboutTheLinkAndIsTriedAgain() {
        publisher.error = "OOM command not allowed when used memory > 'maxmemory'.";
        writer.attach(publisher);
        loop.execute(() -> canary.start("canary"));

        LinkNode.await(() -> outcomes.size() >= 3);
        assertThat(outcomes).containsOnly("refused out_of_memory");
    }

    @Test
    void withoutAConnectionItIsRefused() {
        loop.execute(() -> canary.start("canary"));

        LinkNode.await(() -> outcomes.size() >= 2);
        assertThat(outcomes).containsOnly("refused disconnected");
    }

    private final class Outcomes implements Canary.Witness {

        @Override
        public void delivered(long nanos) {
            assertThat(nanos).isPositive();
            outcomes.add("delivered");
        }

        @Override
        public void refused(RedisFault fault, Throwable failure) {
            outcomes.add("refused " + fault.text());
        }

        @Override
        public void undelivered() {
            outcomes.add("undelivered");
        }
    }

    /** Takes every command, or refuses it. */
    private final class Publisher implements RedisChannelWriter {

        private final AtomicInteger sent = new AtomicInteger();
        private volatile String error = "";

        @Override
        public <K, V, T> RedisCommand<K, V, T> write(RedisCommand<K, V, T> command) {
            if (error.isEmpty()) {
                command.getOutput().set(0);
                command.complete();
            } else {
                command.completeExceptionally(new RedisCommandExecutionException(error));
            }
            sent.incrementAndGet();
            return command;
        }

        @Override
        public <K, V> Collection<RedisCommand<K, V, ?>> write(Collection<? extends RedisCommand<K, V, ?>> commands) {
            throw new UnsupportedOperationException("one at a time");
        }

        @Override
        public void close() {
            // nothing is open
        }

        @Override
        public CompletableFuture<Void> closeAsync() {
            return CompletableFuture.completedFuture(null);
        }

        @Override
        public void setConnectionFacade(ConnectionFacade connection) {
            // not needed
        }

        @Override
        public void setAutoFlushCommands(boolean autoFlush) {
            // not needed
        }

        @Override
        public void flushCommands() {
            // not needed
        }

        @Override
        public ClientResources getClientResources() {
            return resources;
        }
    }
}
