package dev.starling.redis.stream;

import dev.starling.broker.Broker;
import dev.starling.broker.FreshBroker;
import dev.starling.protocol.Arrival;
import dev.starling.protocol.ChannelName;
import dev.starling.protocol.Publication;
import dev.starling.protocol.StreamPosition;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jctools.queues.MpscChunkedArrayQueue;
import org.jspecify.annotations.NullUnmarked;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/** From a publish to the lane's subscriber on a node that is alone. A bare sink of Reactor is the measure. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@NullUnmarked // JMH sets the fields
public class BrokerBenchmark {

    private static final int CAPACITY = 1 << 16;
    private static final byte[] DATA = ("{\"text\":\"" + "x".repeat(100) + "\"}").getBytes(StandardCharsets.UTF_8);

    /** Where it goes. */
    public enum Way {
        SINK,
        WITHOUT_HISTORY,
        WITH_HISTORY
    }

    @Param
    private Way way;

    private final ChannelName channel = new ChannelName("all");
    private final Sinks.Many<Arrival> sink =
            Sinks.unsafe().many().unicast().onBackpressureBuffer(new MpscChunkedArrayQueue<>(256, CAPACITY));
    private Broker broker;
    private long received;

    @Setup(Level.Trial)
    public void subscribe() {
        broker = way == Way.WITH_HISTORY
                ? FreshBroker.inMemory("*", 100, Duration.ofMinutes(5))
                : FreshBroker.inMemory();
        broker.subscribe(channel).block();
        broker.lanes().get(0).subscribe(arrival -> received++);
        sink.asFlux().subscribe(arrival -> received++);
    }

    @Benchmark
    public long publish() {
        Mono<StreamPosition> published = way == Way.SINK
                ? Mono.fromRunnable(() ->
                        sink.tryEmitNext(new Publication(channel, DATA, null)).orThrow())
                : broker.publish(channel, DATA, null);
        published.subscribe();
        return received;
    }
}
