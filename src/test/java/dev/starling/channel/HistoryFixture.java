package dev.starling.channel;

import dev.starling.broker.HistoryPage;
import dev.starling.protocol.ChannelName;
import dev.starling.protocol.Hole;
import dev.starling.protocol.Publication;
import dev.starling.protocol.Restart;
import dev.starling.protocol.StreamPosition;
import dev.starling.setting.TestRules;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.util.concurrent.EventExecutor;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.stream.LongStream;
import org.springframework.util.unit.DataSize;
import reactor.core.publisher.Mono;

/** A hub whose one channel, "news", has a history as the test tells it, and one event loop that runs when the test says so. */
final class HistoryFixture implements AutoCloseable {

    static final ChannelName NEWS = new ChannelName("news");

    final ScriptedBroker broker = new ScriptedBroker();
    final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    final ChannelHub hub;
    private final EmbeddedChannel channel = new EmbeddedChannel();

    /** The channel is at offset 5 of the epoch "e". */
    HistoryFixture() {
        this(FreshHub.LIMITS, FreshHub.RECOVERY);
    }

    HistoryFixture(ChannelProperties limits, RecoveryProperties recovery) {
        hub = new ChannelHub(broker, limits, recovery, TestRules.of(), registry);
        broker.onSubscribe(Mono.just(at("e", 5)));
    }

    /** With room for so many messages per event loop. */
    static HistoryFixture withRoomFor(int messages) {
        return new HistoryFixture(new ChannelProperties(messages, DataSize.ofMegabytes(128)), FreshHub.RECOVERY);
    }

    static StreamPosition at(String epoch, long offset) {
        return new StreamPosition(epoch, offset);
    }

    static Publication publication(String epoch, long offset) {
        return new Publication(NEWS, Long.toString(offset).getBytes(StandardCharsets.UTF_8), at(epoch, offset));
    }

    /** A page of the epoch "e" with the messages from one offset to another. */
    static HistoryPage page(long top, long from, long to) {
        return new HistoryPage(
                at("e", top),
                LongStream.rangeClosed(from, to)
                        .mapToObj(offset -> publication("e", offset))
                        .toList());
    }

    EventExecutor loop() {
        return channel.eventLoop();
    }

    void run() {
        channel.runPendingTasks();
    }

    ChannelSubscription join(Receiver receiver) {
        CompletableFuture<ChannelSubscription> joined =
                hub.subscribe(NEWS, receiver, loop()).toFuture();
        run();
        return Objects.requireNonNull(joined.getNow(null));
    }

    CompletableFuture<Recovered> recover(String epoch, long offset) {
        return hub.recover(NEWS, at(epoch, offset), loop()).toFuture();
    }

    /** Messages from one offset to another come from the broker. */
    void arrive(String epoch, long from, long to) {
        for (long offset = from; offset <= to; offset++) {
            broker.arrive(publication(epoch, offset));
        }
    }

    void arrive(String epoch, long offset) {
        arrive(epoch, offset, offset);
    }

    void lose(long from, long to) {
        broker.arrive(new Hole(NEWS, from, to));
    }

    void restart(String epoch, long offset) {
        broker.arrive(new Restart(NEWS, at(epoch, offset), false));
    }

    /** Another epoch goes on with the count. */
    void goOn(String epoch, long offset) {
        broker.arrive(new Restart(NEWS, at(epoch, offset), true));
    }

    static String wentOn(String epoch, long offset) {
        return restarted(epoch, offset).replace("false", "true");
    }

    static String message(long offset) {
        return "{\"type\":\"message\",\"channel\":\"news\",\"data\":" + offset + ",\"offset\":" + offset + "}";
    }

    static List<String> messages(long from, long to) {
        return LongStream.rangeClosed(from, to)
                .mapToObj(HistoryFixture::message)
                .toList();
    }

    static String gap(long from, long to) {
        return "{\"type\":\"gap\",\"channel\":\"news\",\"from\":" + from + ",\"to\":" + to + "}";
    }

    static String restarted(String epoch, long offset) {
        return "{\"type\":\"subscribed\",\"channel\":\"news\",\"epoch\":\"" + epoch + "\",\"offset\":" + offset
                + ",\"recovered\":false}";
    }

    double value(String meter, String... tags) {
        return registry.get(meter)
                .tags(tags)
                .meter()
                .measure()
                .iterator()
                .next()
                .getValue();
    }

    @Override
    public void close() {
        hub.stop();
        channel.finishAndReleaseAll();
    }
}
