package dev.starling.channel;

import dev.starling.broker.Broker;
import dev.starling.broker.HistoryPage;
import dev.starling.protocol.Arrival;
import dev.starling.protocol.ChannelName;
import dev.starling.protocol.PresenceChange;
import dev.starling.protocol.Publication;
import dev.starling.protocol.StreamPosition;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.netty.buffer.ByteBuf;
import io.netty.channel.DefaultEventLoop;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/**
 * From a publish to the last receiver's hand on one event loop, without sockets: what Starling adds to the kernel's part.
 * Divide by {@code subscribers} and {@code inFlight} for the cost of one delivery.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class FanoutBenchmark {

    private static final ChannelName CHANNEL = new ChannelName("all");
    private static final byte[] DATA = ("{\"text\":\"" + "x".repeat(100) + "\"}").getBytes(StandardCharsets.UTF_8);

    @Param({"10", "1000", "100000"})
    private int subscribers;

    @Param({"1", "8"})
    private int inFlight;

    /** Whether messages have positions. */
    @Param({"false", "true"})
    private boolean history;

    private final DefaultEventLoop loop = new DefaultEventLoop();
    private final ChannelHub hub = FreshHub.of(new DirectBroker(), FreshHub.LIMITS, new SimpleMeterRegistry());
    private long written;

    /** As much of an outbox as there is without a socket. */
    private void receive(MessageBatch batch) {
        ByteBuf joined = batch.joined();
        if (joined != null) {
            ByteBuf copy = joined.retainedDuplicate();
            written += copy.readableBytes();
            copy.release();
        }
    }

    /** Hands each publication on at once. */
    private final class DirectBroker implements Broker {
        private final Sinks.Many<Arrival> arrivals =
                Sinks.unsafe().many().unicast().onBackpressureBuffer();
        private long offset;

        @Override
        public boolean keepsHistory(ChannelName channel) {
            return history;
        }

        @Override
        public Mono<StreamPosition> subscribe(ChannelName channel) {
            return history ? Mono.just(new StreamPosition("e", 0)) : Mono.empty();
        }

        @Override
        public Mono<Void> unsubscribe(ChannelName channel) {
            return Mono.empty();
        }

        @Override
        public Mono<StreamPosition> publish(ChannelName channel, byte[] data, @Nullable String key) {
            return Mono.fromRunnable(() ->
                    arrivals.tryEmitNext(new Publication(channel, data, next())).orThrow());
        }

        private @Nullable StreamPosition next() {
            return history ? new StreamPosition("e", ++offset) : null;
        }

        @Override
        public Mono<HistoryPage> historyBefore(
                ChannelName channel, @Nullable StreamPosition before, int limit, long maxBytes) {
            throw new UnsupportedOperationException();
        }

        @Override
        public Mono<HistoryPage> history(
                ChannelName channel, @Nullable StreamPosition since, int limit, long maxBytes) {
            return Mono.error(() -> new UnsupportedOperationException("nothing is kept"));
        }

        @Override
        public Mono<Void> announce(PresenceChange change) {
            return Mono.empty();
        }

        @Override
        public List<Flux<Arrival>> lanes() {
            return List.of(arrivals.asFlux());
        }
    }

    @Setup(Level.Trial)
    public void subscribe() throws Exception {
        loop.submit(() -> {
                    for (int i = 0; i < subscribers; i++) {
                        hub.subscribe(CHANNEL, this::receive, loop).subscribe();
                    }
                })
                .get(30, TimeUnit.SECONDS);
    }

    @TearDown(Level.Trial)
    public void stop() {
        hub.stop();
        loop.shutdownGracefully(0, 1, TimeUnit.SECONDS);
    }

    /** On the loop itself, as a session publishes; the second task comes behind the delivery. */
    @Benchmark
    public long publish() throws Exception {
        loop.execute(() -> {
            for (int i = 0; i < inFlight; i++) {
                hub.publish(CHANNEL, DATA, null).subscribe();
            }
        });
        return loop.submit(() -> loop.submit(() -> written)).get().get();
    }
}
