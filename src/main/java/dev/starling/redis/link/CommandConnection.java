package dev.starling.redis.link;

import io.lettuce.core.RedisChannelHandler;
import io.lettuce.core.RedisConnectionStateListener;
import io.lettuce.core.api.StatefulConnection;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.cluster.api.async.RedisClusterAsyncCommands;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The connection for commands, from before Redis is there until the end: while there is none, a command fails at once. It
 * never gives up, and looks anew for the master when it has met a replica. Its state is owned by the loop; the commands
 * may be given by any thread.
 */
public final class CommandConnection implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(CommandConnection.class);
    private final RedisClients clients;
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
    private @Nullable PingLoop<String> pings;
    private @Nullable RedisFault lastRefusal;
    private int masters;
    private long connectedNanos;
    private boolean closed;

    CommandConnection(
            RedisClients clients, RedisProperties properties, RedisCondition condition, RedisMetrics metrics) {
        this.clients = clients;
        this.reconnectsItself = clients.cluster() != null;
        this.loop = clients.loop();
        this.properties = properties;
        this.condition = condition;
        this.writer = new CommandWriter(clients.resources(), metrics, this::failed);
        this.commands = writer.commands();
        clients.whenMasterReplaced(this::leave);
    }

    /** Always the same object. Any thread may give commands; those that can't be sent now fail at once. */
    public RedisClusterAsyncCommands<String, byte[]> commands() {
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
            int known = masters;
            Dial.on(loop, clients::connectCommands, dialed -> connected(dialed, known), this::refused);
        }
    }

    private void connected(StatefulConnection<String, byte[]> dialed, int known) {
        if (closed || known != masters) { // it has been replaced in the meantime
            dialed.closeAsync();
            dial();
            return;
        }
        connection = dialed;
        if (reconnectsItself) {
            use(dialed);
        } else {
            watch(dialed);
        }
    }

    private void use(StatefulConnection<String, byte[]> dialed) {
        connectedNanos = System.nanoTime();
        lastRefusal = null;
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
        pings = new PingLoop<>(
                loop,
                PingLoop.Pace.of(properties),
                () -> ((StatefulRedisConnection<String, byte[]>) dialed).async().info("replication"),
                info -> probed(dialed, info == null ? ServerInfo.UNKNOWN : ServerInfo.of(info)),
                fault -> lost(dialed, fault));
        pings.start();
        if (!dialed.isOpen()) {
            lost(dialed, RedisFault.DISCONNECTED);
        }
    }

    /** What the server of this connection says about itself: once before it is used, and then with each probe. */
    private void probed(StatefulConnection<String, byte[]> which, ServerInfo server) {
        if (which != connection) {
            return;
        }
        if (!writer.isAttached()) {
            if (server.isReplica()) {
                lost(which, RedisFault.READ_ONLY);
            } else {
                use(which);
            }
        } else if (server.isReplica()) {
            clients.masterReplaced();
        }
    }

    private void refused(Throwable failure) {
        refused(RedisFault.of(failure), failure);
    }

    private void refused(RedisFault fault, @Nullable Throwable failure) {
        condition.commandsFailed(fault);
        writer.detach(fault);
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
        boolean wasUsed = writer.isAttached();
        drop(fault);
        if (!wasUsed) {
            refused(fault, null);
            return;
        }
        condition.commandsFailed(fault);
        if (!closed) {
            fault.in(log.atWarn(), null).log("redis.commands_lost");
            redial();
        }
    }

    private void drop(RedisFault reason) {
        StatefulConnection<String, byte[]> dropped = connection;
        connection = null;
        writer.detach(reason);
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
            case READ_ONLY, OUT_OF_MEMORY, NOT_PERSISTING, LOADING, BUSY -> condition.commandsFailed(fault);
            default -> {}
        }
        if (fault == RedisFault.READ_ONLY && !reconnectsItself && writer.isAttached()) {
            loop.execute(this::disproved);
        }
    }

    /** A server that refuses writes is no master, whatever it said in the last probe. */
    private void disproved() {
        if (writer.isAttached()) {
            clients.masterReplaced();
        }
    }

    private void leave() {
        masters++;
        if (connection != null && !reconnectsItself) {
            lost(connection, RedisFault.READ_ONLY);
        }
    }

    /** Ends it; what is under way fails. */
    @Override
    public void close() {
        loop.execute(() -> {
            closed = true;
            drop(RedisFault.DISCONNECTED);
        });
    }
}
