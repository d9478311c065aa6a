package dev.starling.channel;

import dev.starling.protocol.ChannelName;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.util.concurrent.EventExecutor;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Objects;
import org.springframework.util.unit.DataSize;
import reactor.core.publisher.Mono;

/** A hub with a recording broker and one event loop that runs when the test says so. */
final class HubFixture implements AutoCloseable {

    static final Duration PATIENCE = Duration.ofSeconds(20);

    final RecordingBroker broker = new RecordingBroker();
    final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    final ChannelHub hub;
    private final EmbeddedChannel channel = new EmbeddedChannel();

    HubFixture() {
        this(FreshHub.LIMITS);
    }

    HubFixture(ChannelProperties limits) {
        hub = FreshHub.of(broker, limits, registry);
    }

    /** With room for so many messages and megabytes per event loop. */
    static HubFixture withRoomFor(int messages, int megabytes) {
        return new HubFixture(new ChannelProperties(messages, DataSize.ofMegabytes(megabytes)));
    }

    EventExecutor loop() {
        return channel.eventLoop();
    }

    /** Has the event loop do what waits for it. */
    void run() {
        channel.runPendingTasks();
    }

    Mono<ChannelSubscription> subscribe(String name, Receiver receiver) {
        return hub.subscribe(new ChannelName(name), receiver, loop());
    }

    ChannelSubscription join(String name, Receiver receiver) {
        return Objects.requireNonNull(subscribe(name, receiver).block(PATIENCE));
    }

    void publish(String name, String data) {
        hub.publish(new ChannelName(name), bytes(data), null).block(PATIENCE);
    }

    /** Past the hub, which would refuse when its loops are behind. */
    void publishByBroker(String name, String data) {
        broker.publish(new ChannelName(name), bytes(data), null).block(PATIENCE);
    }

    private static byte[] bytes(String data) {
        return data.getBytes(StandardCharsets.UTF_8);
    }

    /** The value of a gauge or counter. */
    double value(String meter) {
        Meter found = registry.get(meter).meter();
        return found.measure().iterator().next().getValue();
    }

    @Override
    public void close() {
        hub.stop();
        channel.finishAndReleaseAll();
    }
}
