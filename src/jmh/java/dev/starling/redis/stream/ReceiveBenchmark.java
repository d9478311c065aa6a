package dev.starling.redis.stream;

import com.sun.management.OperatingSystemMXBean;
import dev.starling.protocol.ChannelName;
import dev.starling.redis.RedisServer;
import dev.starling.redis.SlowCommand;
import dev.starling.redis.link.RedisClients;
import dev.starling.redis.link.RedisKeys;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.pubsub.RedisPubSubAdapter;
import io.lettuce.core.pubsub.StatefulRedisPubSubConnection;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import reactor.core.publisher.Flux;

/**
 * What receiving from Redis and handing on to the lanes costs in CPU, against a bare listener of Lettuce that looks its
 * channel up in a map and counts; how long 100,000 channels take to come back; and how much heap they need. It starts its
 * own Redis.
 *
 * <pre>./mvnw -Pjmh process-test-classes exec:exec -Djmh.main=dev.starling.redis.ReceiveBenchmark -Djmh.args=</pre>
 */
public final class ReceiveBenchmark {

    private static final int MESSAGES = 400_000;
    private static final int ROUNDS = 5;
    private static final int WARM_UPS = 4;
    private static final int MANY = 100_000;
    private static final int BATCH = 512;
    private static final int PIPELINE = 256;
    private static final byte[] ENVELOPE = ("1m\"" + "x".repeat(124) + "\"").getBytes(StandardCharsets.UTF_8);
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final RedisKeys KEYS = new RedisKeys("ws:");

    private static final OperatingSystemMXBean SYSTEM =
            (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();

    private final RedisServer redis;
    private long publisherNanos;

    private ReceiveBenchmark(RedisServer redis) {
        this.redis = redis;
    }

    /** Runs all of it. */
    public static void main(String[] arguments) throws Exception {
        try (RedisServer redis = RedisServer.start("client-output-buffer-limit pubsub 0 0 0")) {
            ReceiveBenchmark benchmark = new ReceiveBenchmark(redis);
            for (int channels : new int[] {1, 1_000, MANY}) {
                benchmark.compare(channels);
            }
            benchmark.comeBack();
        }
    }

    private void compare(int count) throws Exception {
        List<ChannelName> channels = channels(count);
        double[] bareMicros;
        try (BareListener bare = new BareListener(redis.port())) {
            bare.subscribe(channels);
            bareMicros = measure(channels, bare.received::sum);
        }
        try (BrokerNode node = BrokerNode.begin(redis.properties())) {
            LongAdder received = new LongAdder();
            node.broker().lanes().forEach(lane -> lane.subscribe(arrival -> received.increment()));
            node.awaitWell();
            subscribe(node, channels);
            double[] micros = measure(channels, () -> received.sum() + (long) node.count("ws.broker.dropped"));
            System.out.printf(
                    "%,7d channels: bare %.2f us, broker %.2f us, ratio %.2f (rounds: bare %s, broker %s; dropped %.0f)%n",
                    count,
                    median(bareMicros),
                    median(micros),
                    median(micros) / median(bareMicros),
                    Arrays.toString(bareMicros),
                    Arrays.toString(micros),
                    node.count("ws.broker.dropped"));
        }
    }

    /** CPU of this process but the publisher's, in microseconds per message; the first rounds warm up. */
    private double[] measure(List<ChannelName> channels, LongSupplier received) throws IOException {
        double[] micros = new double[ROUNDS];
        for (int round = -WARM_UPS; round < ROUNDS; round++) {
            long before = received.getAsLong();
            long cpu = SYSTEM.getProcessCpuTime();
            publisherNanos = 0;
            publish(channels);
            Awaitility.await()
                    .atMost(PATIENCE)
                    .pollInterval(Duration.ofMillis(20))
                    .until(() -> received.getAsLong() >= before + MESSAGES);
            double used = SYSTEM.getProcessCpuTime() - cpu - publisherNanos;
            if (round >= 0) {
                micros[round] = Math.round(used / 10 / MESSAGES) / 100.0;
            }
        }
        return micros;
    }

    private void publish(List<ChannelName> channels) throws IOException {
        long start = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), redis.port())) {
            OutputStream out = new BufferedOutputStream(socket.getOutputStream(), 1 << 16);
            InputStream in = socket.getInputStream();
            byte[] buffer = new byte[1 << 16];
            int unanswered = 0;
            for (int i = 0; i < MESSAGES; i++) {
                out.write(command("PUBLISH", KEYS.pubsub(channels.get(i % channels.size()))));
                if (++unanswered == PIPELINE || i == MESSAGES - 1) {
                    out.flush();
                    awaitAnswers(in, buffer, unanswered);
                    unanswered = 0;
                }
            }
        }
        publisherNanos = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime() - start;
    }

    private static byte[] command(String verb, String channel) throws IOException {
        ByteArrayOutputStream command = new ByteArrayOutputStream(256);
        command.write(("*3\r\n$" + verb.length() + "\r\n" + verb + "\r\n$" + channel.length() + "\r\n" + channel
                        + "\r\n$" + ENVELOPE.length + "\r\n")
                .getBytes(StandardCharsets.US_ASCII));
        command.write(ENVELOPE);
        command.write('\r');
        command.write('\n');
        return command.toByteArray();
    }

    private static void awaitAnswers(InputStream in, byte[] buffer, int answers) throws IOException {
        int lines = 0;
        while (lines < answers) {
            int read = in.read(buffer);
            if (read < 0) {
                throw new IOException("Redis hung up");
            }
            for (int i = 0; i < read; i++) {
                lines += buffer[i] == '\n' ? 1 : 0;
            }
        }
    }

    private void comeBack() {
        List<ChannelName> channels = channels(MANY);
        try (BrokerNode node = BrokerNode.begin(redis.properties())) {
            node.broker().lanes().forEach(lane -> lane.subscribe(arrival -> {}));
            node.awaitWell();
            subscribe(node, channels.subList(0, 1_000));
            long before = usedHeap();
            subscribe(node, channels.subList(1_000, MANY));
            System.out.printf("heap per channel: %,d B%n", (usedHeap() - before) / (MANY - 1_000));

            Gauge heard = node.part(MeterRegistry.class)
                    .get("ws.broker.subscriptions")
                    .gauge();
            for (int round = 0; round < ROUNDS; round++) {
                redis.watchSlowCommands(Duration.ofMillis(5));
                long start = System.nanoTime();
                redis.cli("CLIENT", "KILL", "TYPE", "pubsub");
                long killed = System.nanoTime();
                Awaitility.await()
                        .atMost(PATIENCE)
                        .pollDelay(Duration.ZERO)
                        .pollInterval(Duration.ofMillis(5))
                        .until(() -> heard.value() < MANY);
                Awaitility.await()
                        .atMost(PATIENCE)
                        .pollDelay(Duration.ZERO)
                        .pollInterval(Duration.ofMillis(5))
                        .until(() -> heard.value() > MANY);
                List<SlowCommand> slow = redis.slowCommands();
                System.out.printf(
                        "%,d channels back %d ms after CLIENT KILL, which took %d ms; slow: %s%n",
                        MANY, (System.nanoTime() - start) / 1_000_000, (killed - start) / 1_000_000, slow);
            }
        }
    }

    private static long usedHeap() {
        long used = Long.MAX_VALUE;
        for (int i = 0; i < 4; i++) {
            System.gc();
            used = Math.min(
                    used,
                    Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory());
        }
        return used;
    }

    private static List<ChannelName> channels(int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> new ChannelName("room:" + i))
                .toList();
    }

    private static void subscribe(BrokerNode node, List<ChannelName> channels) {
        Flux.fromIterable(channels)
                .flatMap(node.broker()::subscribe, 5_000)
                .then()
                .block(PATIENCE);
    }

    private static double median(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        return sorted[sorted.length / 2];
    }

    /** Lettuce with nothing around it. */
    private static final class BareListener extends RedisPubSubAdapter<String, byte[]> implements AutoCloseable {

        private final RedisClient client;
        private final StatefulRedisPubSubConnection<String, byte[]> connection;
        private final Map<String, ChannelName> known = new HashMap<>();
        private final LongAdder received = new LongAdder();
        private final LongAdder subscribed = new LongAdder();

        BareListener(int port) {
            client = RedisClient.create(RedisURI.create(RedisServer.HOST, port));
            connection = client.connectPubSub(RedisClients.CODEC);
            connection.addListener(this);
        }

        void subscribe(List<ChannelName> channels) {
            channels.forEach(channel -> known.put(KEYS.pubsub(channel), channel));
            for (int first = 0; first < channels.size(); first += BATCH) {
                connection
                        .async()
                        .subscribe(channels.subList(first, Math.min(channels.size(), first + BATCH)).stream()
                                .map(KEYS::pubsub)
                                .toArray(String[]::new));
            }
            Awaitility.await().atMost(PATIENCE).until(() -> subscribed.sum() == channels.size());
        }

        @Override
        public void message(String channel, byte[] message) {
            if (known.get(channel) != null) {
                received.increment();
            }
        }

        @Override
        public void subscribed(String channel, long count) {
            subscribed.increment();
        }

        @Override
        public void close() {
            client.shutdown(Duration.ZERO, Duration.ofSeconds(2));
        }
    }
}
