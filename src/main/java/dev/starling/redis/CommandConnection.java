package dev.starling.redis;

import io.lettuce.core.RedisChannelHandler;
import io.lettuce.core.RedisConnectionStateListener;
import io.lettuce.core.api.StatefulConnection;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.cluster.api.async.RedisClusterAsyncCommands;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The connection for commands, from before Redis is there until the end: while there is none, a command fails at once. It
 * never gives up, and looks anew for the master when it has met a replica. Its state is owned by the loop; the commands
 * may be given by any thread.
 */
final class CommandConnection implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(CommandConnection.class);
    private static final long SHORTEST_LIFE_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final Supplier<? extends CompletionStage<? extends StatefulConnection<String, byte[]>>> dialer;
    private final boolean reconnectsItself;
    private final LinkLoop loop;
    private final RedisProperties properties;
    private final RedisCondition condition;
    private final CommandWriter writer;
    private final RedisClusterAsyncCommands<String, byte[]> commands;
    private final Backoff backoff =
            new Backoff(bound -> ThreadLocalRandom.current().nextLong(bound));
    private final List<Runnable> whenConnected = new ArrayList<>();
    private @Nullable StatefulConnection<String, byte[]> connection;
    private @Nullable PingLoop pings;
    private @Nullable RedisFault lastRefusal;
    private long connectedNanos;
    private boolean closed;

    CommandConnection(
            RedisClients clients, RedisProperties properties, RedisCondition condition, RedisMetrics metrics) {
        this.dialer = clients::connectCommands;
        this.reconnectsItself = clients.cluster() != null;
        this.loop = clients.loop();
        this.properties = properties;
        this.condition = condition;
        this.writer = new CommandWriter(clients.resources(), metrics, this::failed);
        this.commands = writer.commands();
    }

    /** Always the same object. Any thread may give commands; those that can't be sent now fail at once. */
    RedisClusterAsyncCommands<String, byte[]> commands() {
        return commands;
    }

    /** Runs it on the loop after the first connection, or now. On the loop. */
    void onceConnected(Runnable task) {
        if (connectedNanos != 0) {
            task.run();
        } else {
            whenConnected.add(task);
        }
    }

    /** Begins to connect, for as long as it takes. */
    void open() {
        loop.execute(this::dial);
    }

    private void dial() {
        if (!closed) {
            Dial.on(loop, dialer, this::connected, this::refused);
        }
    }

    private void connected(StatefulConnection<String, byte[]> dialed) {
        if (closed) {
            dialed.closeAsync();
            return;
        }
        connection = dialed;
        connectedNanos = System.nanoTime();
        lastRefusal = null;
        if (!reconnectsItself) {
            watch(dialed);
        }
        writer.attach(((RedisChannelHandler<?, ?>) dialed).getChannelWriter());
        log.atInfo().log("redis.commands_up");
        whenConnected.forEach(Runnable::run);
        whenConnected.clear();
    }

    private void watch(StatefulConnection<String, byte[]> dialed) {
        dialed.addListener(new RedisConnectionStateListener() {
            @Override
            public void onRedisDisconnected(RedisChannelHandler<?, ?> handler) {
                loop.execute(() -> lost(dialed, RedisFault.DISCONNECTED));
            }
        });
        pings = new PingLoop(
                loop,
                properties,
                () -> ((StatefulRedisConnection<String, byte[]>) dialed).async().ping(),
                fault -> lost(dialed, fault));
        pings.start();
        if (!dialed.isOpen()) {
            lost(dialed, RedisFault.DISCONNECTED);
        }
    }

    private void refused(Throwable failure) {
        RedisFault fault = RedisFault.of(failure);
        condition.commandsFailed(fault);
        if (fault != lastRefusal) {
            lastRefusal = fault;
            fault.in(log.atWarn(), failure).log("redis.commands_refused");
        }
        redial();
    }

    private void lost(StatefulConnection<String, byte[]> which, RedisFault fault) {
        if (connection != which) {
            return;
        }
        drop();
        condition.commandsFailed(fault);
        if (!closed) {
            fault.in(log.atWarn(), null).log("redis.commands_lost");
            redial();
        }
    }

    private void drop() {
        StatefulConnection<String, byte[]> dropped = connection;
        connection = null;
        writer.detach();
        if (pings != null) {
            pings.stop();
        }
        if (dropped != null) {
            dropped.closeAsync();
        }
    }

    private void redial() {
        if (System.nanoTime() - connectedNanos > Duration.ofSeconds(10).toNanos() && lastRefusal == null) {
            backoff.reset();
        }
        loop.schedule(this::dial, TimeUnit.MILLISECONDS.toNanos(backoff.nextMillis()));
    }

    /** On any thread. */
    private void failed(RedisFault fault) {
        switch (fault) {
            case READ_ONLY, OUT_OF_MEMORY, NOT_PERSISTING, LOADING -> condition.commandsFailed(fault);
            default -> {}
        }
        if (fault == RedisFault.READ_ONLY && !reconnectsItself) {
            loop.execute(this::lookForMaster);
        }
    }

    /** What was the master no longer is: Sentinel, or the name, may know another by now. */
    private void lookForMaster() {
        if (connection != null && System.nanoTime() - connectedNanos > SHORTEST_LIFE_NANOS) {
            lost(connection, RedisFault.READ_ONLY);
        }
    }

    /** Ends it; what is under way fails. */
    @Override
    public void close() {
        loop.execute(() -> {
            closed = true;
            drop();
        });
    }
}
