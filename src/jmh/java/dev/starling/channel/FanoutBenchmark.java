package dev.starling.channel;

import dev.starling.protocol.ChannelName;
import io.netty.buffer.ByteBuf;
import io.netty.channel.DefaultEventLoop;
import io.netty.channel.EventLoop;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What one delivery costs without the network: from {@link ChannelHub#publish} over the broker in memory and one event loop
 * to each receiver's retained duplicate. An operation is a delivery, however many receivers there are; {@code -prof gc}
 * says how many bytes of garbage each makes.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
public class FanoutBenchmark {

    private static final int DELIVERIES = 800_000;
    private static final int DATA_BYTES = 100;
    private static final ChannelName CHANNEL = new ChannelName("room:1234");

    /** Who listens; a divisor of the deliveries. */
    @Param({"10", "1000", "100000"})
    public int receivers;

    private final byte[] data = ('"' + "x".repeat(DATA_BYTES - 2) + '"').getBytes(StandardCharsets.US_ASCII);
    private final EventLoop loop = new DefaultEventLoop();
    private final ChannelHub hub = FreshHub.inMemory();
    private long published;
    private final AtomicLong delivered = new AtomicLong();

    /** Has everyone join. */
    @Setup(Level.Trial)
    public void join() throws Exception {
        loop.submit(() -> {
                    // A walk goes from the last to the first: so this one is done when all are.
                    subscribe(batch -> {
                        write(batch);
                        delivered.lazySet(delivered.get() + batch.count());
                    });
                    for (int i = 1; i < receivers; i++) {
                        subscribe(FanoutBenchmark::write);
                    }
                })
                .get(1, TimeUnit.MINUTES);
    }

    private void subscribe(Receiver receiver) {
        hub.subscribe(CHANNEL, receiver, loop).subscribe();
    }

    /** As an outbox does, but for the network. */
    private static void write(MessageBatch batch) {
        ByteBuf joined = batch.joined();
        if (joined != null) {
            joined.retainedDuplicate().release();
        } else {
            for (int i = 0; i < batch.count(); i++) {
                batch.message(i).frame().retainedDuplicate().release();
            }
        }
    }

    /** Ends the event loop. */
    @TearDown(Level.Trial)
    public void stop() {
        hub.stop();
        loop.shutdownGracefully(0, 1, TimeUnit.SECONDS);
    }

    /** Each message waits until the one before it has reached everyone. */
    @Benchmark
    @OperationsPerInvocation(DELIVERIES)
    public long oneAtATime() {
        return publish(1);
    }

    /** Up to eight messages are on their way. */
    @Benchmark
    @OperationsPerInvocation(DELIVERIES)
    public long eightInFlight() {
        return publish(8);
    }

    private long publish(int inFlight) {
        for (int i = DELIVERIES / receivers; i > 0; i--) {
            awaitDelivered(published - inFlight + 1);
            hub.publish(CHANNEL, data).block();
            published++;
        }
        awaitDelivered(published);
        return published;
    }

    private void awaitDelivered(long count) {
        while (delivered.get() < count) {
            Thread.onSpinWait();
        }
    }
}
