package dev.starling.redis.link;

import io.lettuce.core.ClientOptions;
import io.lettuce.core.RedisChannelWriter;
import io.lettuce.core.StatefulRedisConnectionImpl;
import io.lettuce.core.api.push.PushListener;
import io.lettuce.core.cluster.api.async.RedisClusterAsyncCommands;
import io.lettuce.core.protocol.CompleteableCommand;
import io.lettuce.core.protocol.ConnectionFacade;
import io.lettuce.core.protocol.PushHandler;
import io.lettuce.core.protocol.RedisCommand;
import io.lettuce.core.resource.ClientResources;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Hands commands to the connection of the moment, or fails them, and notes why any of them failed. Thread-safe. */
final class CommandWriter implements RedisChannelWriter {

    private final ClientResources resources;
    private final RedisMetrics metrics;
    private final Consumer<RedisFault> failed;
    private volatile @Nullable RedisChannelWriter target;
    private volatile RedisFault absence = RedisFault.DISCONNECTED;

    CommandWriter(ClientResources resources, RedisMetrics metrics, Consumer<RedisFault> failed) {
        this.resources = resources;
        this.metrics = metrics;
        this.failed = failed;
    }

    /** Lettuce's commands on top of this. Those with one key find their node in a Cluster, too. */
    RedisClusterAsyncCommands<String, byte[]> commands() {
        StatefulRedisConnectionImpl<String, byte[]> connection =
                new StatefulRedisConnectionImpl<>(this, new NoPushes(), RedisClients.CODEC, Duration.ofSeconds(60));
        connection.setOptions(ClientOptions.create());
        return connection.async();
    }

    void attach(RedisChannelWriter writer) {
        target = writer;
    }

    boolean isAttached() {
        return target != null;
    }

    /** @param reason why there is no connection from now on; the failed commands say so */
    void detach(RedisFault reason) {
        absence = reason == RedisFault.OTHER ? RedisFault.DISCONNECTED : reason;
        target = null;
    }

    @Override
    public <K, V, T> RedisCommand<K, V, T> write(RedisCommand<K, V, T> command) {
        if (command instanceof CompleteableCommand<?> completeable) {
            completeable.onComplete((result, failure) -> note(failure));
        }
        RedisChannelWriter connected = target;
        if (connected == null) {
            command.completeExceptionally(new RedisFaultException(absence, "not connected to Redis"));
            return command;
        }
        return connected.write(command);
    }

    @Override
    public <K, V> Collection<RedisCommand<K, V, ?>> write(Collection<? extends RedisCommand<K, V, ?>> commands) {
        return commands.stream()
                .<RedisCommand<K, V, ?>>map(command -> write(command))
                .toList();
    }

    /** That a script is not known is no fault: it is sent then. */
    private void note(@Nullable Throwable failure) {
        if (failure == null || String.valueOf(failure.getMessage()).startsWith("NOSCRIPT")) {
            return;
        }
        RedisFault fault = RedisFault.of(failure);
        metrics.commandFailed(fault);
        failed.accept(fault);
    }

    @Override
    public void close() {
        detach(RedisFault.DISCONNECTED);
    }

    @Override
    public CompletableFuture<Void> closeAsync() {
        detach(RedisFault.DISCONNECTED);
        return CompletableFuture.completedFuture(null);
    }

    @Override
    public void setConnectionFacade(ConnectionFacade connection) {
        // The connections below have their own.
    }

    @Override
    public void setAutoFlushCommands(boolean autoFlush) {
        throw new UnsupportedOperationException("this connection is shared");
    }

    @Override
    public void flushCommands() {
        // Each command is flushed by itself.
    }

    @Override
    public ClientResources getClientResources() {
        return resources;
    }

    /** Pushes go to the connections below. */
    private static final class NoPushes implements PushHandler {

        @Override
        public void addListener(PushListener listener) {
            throw new UnsupportedOperationException("commands only");
        }

        @Override
        public void removeListener(PushListener listener) {
            throw new UnsupportedOperationException("commands only");
        }

        @Override
        public Collection<PushListener> getPushListeners() {
            return List.of();
        }
    }
}
