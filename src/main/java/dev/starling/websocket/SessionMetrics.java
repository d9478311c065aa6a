package dev.starling.websocket;

import dev.starling.channel.ChannelHub;
import dev.starling.channel.MessageBatch;
import dev.starling.protocol.ClientFrame;
import dev.starling.protocol.CloseCode;
import dev.starling.protocol.ErrorCode;
import dev.starling.protocol.ServerFrame;
import dev.starling.setting.Overflow;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.TimeGauge;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * What the sessions of this node count. Thread-safe. The adders of the hot path are resolved once; all tags are closed
 * lists: frame types, error codes, close codes, never a channel or a user.
 */
final class SessionMetrics {

    private static final Duration[] BUCKETS =
            Stream.of(1, 5, 10, 50, 100, 500, 1000).map(Duration::ofMillis).toArray(Duration[]::new);

    private static final String OTHER = "other";

    private final MeterRegistry registry;
    private final Map<Class<?>, LongAdder> frames = new HashMap<>();
    private final Map<ErrorCode, LongAdder> errors = new EnumMap<>(ErrorCode.class);
    private final Map<String, LongAdder> closes = new HashMap<>();
    private final Map<Overflow.Policy, LongAdder> drops = new EnumMap<>(Overflow.Policy.class);
    private final LongAdder recoveredMessages = new LongAdder();
    private final LongAdder malformed;
    private final LongAdder bytesIn;
    private final LongAdder bytesOut;
    private final LongAdder connects;
    private final LongAdder streams = new LongAdder();
    private final LongAdder slowConsumers;
    private final LongAdder rateLimited;
    private final LongAdder heartbeatTimeouts;
    private final Timer duration;
    private final Timer roundTrip;

    SessionMetrics(MeterRegistry registry) {
        this.registry = registry;
        for (Class<?> type : ClientFrame.class.getPermittedSubclasses()) {
            frames.put(type, message("in", text(type)));
        }
        for (Class<?> type : ServerFrame.class.getPermittedSubclasses()) {
            frames.put(type, message("out", type == ServerFrame.Failure.class ? "error" : text(type)));
        }
        Stream.of(Overflow.Policy.DROP_OLDEST, Overflow.Policy.LATEST_ONLY)
                .forEach(policy -> drops.put(
                        policy,
                        count(
                                "ws.overflow.dropped",
                                "Messages that a client did not read soon enough to get them",
                                "policy",
                                policy.name().toLowerCase(Locale.ROOT))));
        malformed = message("in", "malformed");
        for (ErrorCode code : ErrorCode.values()) {
            errors.put(code, count("ws.errors", "Requests that failed", "error", code.text()));
        }
        Stream.concat(
                        Stream.of(CloseCode.values()).map(CloseCode::code).map(String::valueOf),
                        Stream.of("1005", "1006", OTHER))
                .forEach(code -> closes.put(code, count("ws.closes", "Connections that ended", "code", code)));
        bytesIn = count("ws.bytes", "Bytes of messages", "direction", "in");
        bytesOut = new LongAdder();
        connects = count("ws.connects", "Connections that were made");
        slowConsumers = count("ws.slow.consumers", "Connections closed because they read too slowly");
        rateLimited = count("ws.rate.limited", "Frames refused because there were too many per second");
        heartbeatTimeouts = count("ws.heartbeat.timeouts", "Connections cut because nothing came back");
        duration = timer("ws.message.duration", "From the arrival of a client's frame until it is dealt with");
        roundTrip = timer("ws.ping.duration", "From a WebSocket ping to its pong");
    }

    /** The hub counts messages by the batch, which is cheaper than by the receiver. */
    void deliveries(ChannelHub hub) {
        FunctionCounter.builder("ws.messages", hub, source -> source.deliveries() + recoveredMessages.sum())
                .description("Frames of the protocol")
                .tags("direction", "out", "type", "message")
                .register(registry);
        FunctionCounter.builder("ws.bytes", hub, source -> source.deliveredBytes() + bytesOut.sum())
                .description("Bytes of messages")
                .tags("direction", "out")
                .register(registry);
    }

    void gauges(SessionRegistry sessions, int maxConnections) {
        Gauge.builder("ws.connections.active", sessions, SessionRegistry::size)
                .description("Open connections")
                .register(registry);
        Gauge.builder("ws.connections.streams", streams, LongAdder::sum)
                .description("Of the open connections those that are event streams")
                .register(registry);
        Gauge.builder("ws.connections.limit", () -> maxConnections)
                .description("Most connections that this node takes; 0 means no limit")
                .register(registry);
        Gauge.builder("ws.outbound.pending", sessions, SessionRegistry::pendingBytes)
                .description("Bytes that wait for clients to read")
                .baseUnit("bytes")
                .register(registry);
    }

    void drain(SessionDrain drain) {
        seconds("ws.drain.elapsed", "Since the node began to leave; 0 if it stays", drain, SessionDrain::elapsed);
        seconds("ws.drain.deadline", "From SIGTERM until the process is to be gone", drain, SessionDrain::deadline);
    }

    private void seconds(
            String name, String description, SessionDrain drain, Function<SessionDrain, Duration> duration) {
        TimeGauge.builder(
                        name,
                        drain,
                        TimeUnit.MILLISECONDS,
                        source -> duration.apply(source).toMillis())
                .description(description)
                .register(registry);
    }

    private LongAdder message(String direction, String type) {
        return count("ws.messages", "Frames of the protocol", "direction", direction, "type", type);
    }

    private LongAdder count(String name, String description, String... tags) {
        LongAdder adder = new LongAdder();
        FunctionCounter.builder(name, adder, LongAdder::sum)
                .description(description)
                .tags(tags)
                .register(registry);
        return adder;
    }

    private Timer timer(String name, String description) {
        return Timer.builder(name)
                .description(description)
                .serviceLevelObjectives(BUCKETS)
                .register(registry);
    }

    private static String text(Class<?> type) {
        return type.getSimpleName().toLowerCase(Locale.ROOT);
    }

    private static <K> LongAdder of(Map<K, LongAdder> adders, K key) {
        return Objects.requireNonNull(adders.get(key)); // the constructor put one for each
    }

    void connected() {
        connects.increment();
    }

    /** An event stream began, which is a connection, too. */
    void streamOpened() {
        streams.increment();
    }

    void streamClosed() {
        streams.decrement();
    }

    void closed(Closing how) {
        String code = String.valueOf(how.code());
        of(closes, closes.containsKey(code) ? code : OTHER).increment();
    }

    void received(ClientFrame frame) {
        of(frames, frame.getClass()).increment();
    }

    void receivedBytes(int bytes) {
        bytesIn.add(bytes);
    }

    void malformed() {
        malformed.increment();
    }

    void sent(ServerFrame frame, int bytes) {
        of(frames, frame.getClass()).increment();
        bytesOut.add(bytes);
        if (frame instanceof ServerFrame.Failure failure) {
            of(errors, failure.code()).increment();
        }
    }

    /** Of a batch the hub counts the messages only. */
    void sentEvents(MessageBatch batch) {
        for (int i = 0; i < batch.count(); i++) {
            ServerFrame event = batch.message(i).event();
            if (event != null) {
                sent(event, batch.message(i).size());
            }
        }
    }

    /** A message of the past was sent. */
    void recovered(int bytes) {
        recoveredMessages.increment();
        bytesOut.add(bytes);
    }

    void dropped(Overflow.Policy policy) {
        of(drops, policy).increment();
    }

    void handled(long nanos) {
        duration.record(nanos, TimeUnit.NANOSECONDS);
    }

    void answered(long nanos) {
        if (nanos >= 0) {
            roundTrip.record(nanos, TimeUnit.NANOSECONDS);
        }
    }

    void slowConsumer() {
        slowConsumers.increment();
    }

    void rateLimited() {
        rateLimited.increment();
    }

    void heartbeatTimeout() {
        heartbeatTimeouts.increment();
    }
}
