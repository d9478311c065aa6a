package dev.starling.redis.stream;

import dev.starling.protocol.ChannelName;
import dev.starling.redis.RedisServer;
import dev.starling.redis.link.RedisClients;
import dev.starling.redis.link.RedisKeys;
import dev.starling.setting.HistoryLimits;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.api.async.RedisAsyncCommands;
import io.lettuce.core.resource.ClientResources;
import io.lettuce.core.resource.DefaultClientResources;
import io.lettuce.core.resource.NettyCustomizer;
import io.netty.channel.Channel;
import io.netty.handler.flush.FlushConsolidationHandler;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.jspecify.annotations.NullUnmarked;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * Publishing to a Redis of its own, with a thousand requests under way. A bare {@code publish()} of Lettuce with flush
 * consolidation is the measure; the connection of the others is that of the server.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@NullUnmarked // JMH sets the fields
public class PublishBenchmark {

    private static final int MESSAGES = 20_000;
    private static final int UNDER_WAY = 1_000;
    private static final int CHANNELS = 1_000;
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final HistoryLimits LIMITS = new HistoryLimits(100, Duration.ofMinutes(5));

    /** How it is published. */
    public enum Way {
        BARE,
        WITHOUT_HISTORY,
        WITH_KEY,
        WITH_HISTORY,
        WITH_HISTORY_AND_KEY
    }

    @Param
    private Way way;

    @Param({"128", "1024"})
    private int bytes;

    private final ChannelName[] channels = IntStream.range(0, CHANNELS)
            .mapToObj(i -> new ChannelName("chat:" + i))
            .toArray(ChannelName[]::new);
    private final RedisKeys keys = new RedisKeys("ws:");
    private final String[] names =
            IntStream.range(0, CHANNELS).mapToObj(i -> keys.pubsub(channels[i])).toArray(String[]::new);
    private final Semaphore free = new Semaphore(UNDER_WAY);
    private RedisServer redis;
    private ClientResources resources;
    private RedisClient client;
    private RedisAsyncCommands<String, byte[]> bare;
    private BrokerNode node;
    private RedisStreams streams;
    private byte[] data;
    private int number;

    @Setup(Level.Trial)
    public void connect() throws Exception {
        redis = RedisServer.start();
        data = ("\"" + "x".repeat(bytes - 2) + "\"").getBytes(StandardCharsets.UTF_8);
        resources = DefaultClientResources.builder()
                .nettyCustomizer(new NettyCustomizer() {
                    @Override
                    public void afterChannelInitialized(Channel channel) {
                        channel.pipeline().addFirst(new FlushConsolidationHandler(256, true));
                    }
                })
                .build();
        client = RedisClient.create(resources, RedisURI.create(RedisServer.HOST, redis.port()));
        bare = client.connect(RedisClients.CODEC).async();
        node = BrokerNode.start(redis.properties(), "starling.broker.redis.idempotency-ttl=1s");
        streams = node.part(RedisStreams.class);
    }

    @TearDown(Level.Trial)
    public void disconnect() {
        node.close();
        client.shutdown(Duration.ZERO, PATIENCE);
        resources.shutdown();
        redis.close();
    }

    @Benchmark
    @OperationsPerInvocation(MESSAGES)
    public void publish() throws Exception {
        for (int i = 0; i < MESSAGES; i++) {
            acquire(1);
            one(++number);
        }
        acquire(UNDER_WAY);
        free.release(UNDER_WAY);
    }

    private void acquire(int permits) throws InterruptedException {
        if (!free.tryAcquire(permits, PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
            throw new IllegalStateException("Redis does not answer");
        }
    }

    private void one(int n) {
        int channel = n % CHANNELS;
        switch (way) {
            case BARE -> bare.publish(names[channel], data).whenComplete(this::answered);
            case WITHOUT_HISTORY -> through(channel, null, null);
            case WITH_KEY -> through(channel, null, keyOf(n));
            case WITH_HISTORY -> through(channel, LIMITS, null);
            case WITH_HISTORY_AND_KEY -> through(channel, LIMITS, keyOf(n));
        }
    }

    /** A new one; that of an earlier trial would be another server's. */
    private static String keyOf(int n) {
        return "order-" + n;
    }

    private void through(int channel, HistoryLimits limits, String key) {
        streams.publish(channels[channel], data, limits, key)
                .subscribe(position -> {}, failure -> answered(null, failure), () -> answered(null, null));
    }

    private void answered(Object answer, Throwable failure) {
        if (failure != null) {
            throw new IllegalStateException(failure);
        }
        free.release();
    }
}
