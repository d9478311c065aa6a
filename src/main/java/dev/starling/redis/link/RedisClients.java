package dev.starling.redis.link;

import io.lettuce.core.AbstractRedisClient;
import io.lettuce.core.ClientOptions;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.SocketOptions;
import io.lettuce.core.TimeoutOptions;
import io.lettuce.core.api.StatefulConnection;
import io.lettuce.core.cluster.ClusterClientOptions;
import io.lettuce.core.cluster.ClusterTopologyRefreshOptions;
import io.lettuce.core.cluster.RedisClusterClient;
import io.lettuce.core.cluster.api.StatefulRedisClusterConnection;
import io.lettuce.core.cluster.models.partitions.Partitions;
import io.lettuce.core.cluster.models.partitions.RedisClusterNode;
import io.lettuce.core.codec.ByteArrayCodec;
import io.lettuce.core.codec.RedisCodec;
import io.lettuce.core.codec.StringCodec;
import io.lettuce.core.pubsub.StatefulRedisPubSubConnection;
import io.lettuce.core.resource.ClientResources;
import io.lettuce.core.resource.EpollProvider;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.data.redis.connection.lettuce.LettuceClientConfiguration;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;

/**
 * Lettuce's clients, as this server needs them: one for the links and one for commands, both to where Spring's connection
 * factory points, with its login, TLS and threads. They never reconnect behind our back, but to the nodes of a Cluster.
 */
public final class RedisClients implements AutoCloseable {

    /** Names in ASCII, as all of ours are, and messages as they are. The arrays are copies, hence the receiver's own. */
    public static final RedisCodec<String, byte[]> CODEC = RedisCodec.of(StringCodec.ASCII, ByteArrayCodec.INSTANCE);

    private static final Logger log = LoggerFactory.getLogger(RedisClients.class);
    private static final Duration TOPOLOGY_REFRESH = Duration.ofSeconds(10);
    private static final Duration CLOSE_LIMIT = Duration.ofSeconds(2);

    private final RedisAddress address;
    private final RedisURI linkUri;
    private final Timeouts timeouts;
    private final ClientResources resources;
    private final AbstractRedisClient commands;
    private final RedisClient links;
    private final LinkLoop loop = new LinkLoop();
    private final RedisProperties.PubSub pubsub;
    private final @Nullable Sentinels sentinels;
    private final List<Runnable> whenReplaced = new ArrayList<>();
    private volatile boolean isSharded;

    /** Null if there is no Cluster, or none that was reached yet. */
    private volatile @Nullable Partitions partitions;

    RedisClients(LettuceConnectionFactory factory, RedisProperties properties) {
        pubsub = properties.pubsub();
        isSharded = pubsub == RedisProperties.PubSub.SHARDED;
        timeouts = Timeouts.of(factory.getClientConfiguration(), properties);
        address = RedisAddress.of(factory, timeouts.command());
        linkUri = RedisAddress.of(factory, timeouts.connect()).uris().get(0);
        resources = RedisResources.like(factory.getClientResources());
        ClientOptions base = factory.getClientConfiguration().getClientOptions().orElseGet(ClientOptions::create);
        links = RedisClient.create(resources, address.uris().get(0));
        links.setOptions(options(base.mutate(), base)
                .timeoutOptions(TimeoutOptions.create()) // the links have their own
                .build());
        RedisURI first = address.uris().get(0);
        sentinels = first.getSentinels().isEmpty() ? null : new Sentinels(links, first, loop, this::masterReplaced);
        commands = address.isCluster() ? clusterClient(base, properties) : commandClient(base, properties);
        if (isSharded && !address.isCluster()) {
            throw new IllegalArgumentException(
                    "starling.broker.redis.pubsub is sharded, but needs spring.data.redis.cluster.nodes");
        }
    }

    /** How long a command may take. */
    public Duration commandTimeout() {
        return timeouts.command();
    }

    private RedisClient commandClient(ClientOptions base, RedisProperties properties) {
        RedisClient client = RedisClient.create(resources, address.uris().get(0));
        client.setOptions(options(base.mutate(), base)
                .timeoutOptions(TimeoutOptions.enabled())
                .requestQueueSize(properties.commandQueue())
                .build());
        return client;
    }

    private RedisClusterClient clusterClient(ClientOptions base, RedisProperties properties) {
        ClusterClientOptions.Builder options =
                base instanceof ClusterClientOptions cluster ? cluster.mutate() : ClusterClientOptions.builder(base);
        options(options, base)
                .autoReconnect(true)
                .replayFilter(command -> true)
                .timeoutOptions(TimeoutOptions.enabled())
                .requestQueueSize(properties.commandQueue());
        RedisClusterClient client = RedisClusterClient.create(resources, address.uris());
        client.setOptions(options.topologyRefreshOptions(topologyRefresh(base)).build());
        return client;
    }

    private static ClusterTopologyRefreshOptions topologyRefresh(ClientOptions base) {
        ClusterTopologyRefreshOptions.Builder refresh =
                ClusterTopologyRefreshOptions.builder().enablePeriodicRefresh(TOPOLOGY_REFRESH);
        if (base instanceof ClusterClientOptions cluster) {
            ClusterTopologyRefreshOptions theirs = cluster.getTopologyRefreshOptions();
            refresh.dynamicRefreshSources(theirs.useDynamicRefreshSources());
            if (theirs.isPeriodicRefreshEnabled()) {
                refresh.enablePeriodicRefresh(theirs.getRefreshPeriod());
            }
        }
        return refresh.build();
    }

    /** Rejecting is for the time between connections; a command that was in flight then is not sent again. */
    private ClientOptions.Builder options(ClientOptions.Builder options, ClientOptions base) {
        return options.autoReconnect(false)
                .disconnectedBehavior(ClientOptions.DisconnectedBehavior.REJECT_COMMANDS)
                .socketOptions(socket(base.getSocketOptions()));
    }

    /** The second line behind our own pings: the kernel gives up a peer that no longer acknowledges. */
    private SocketOptions socket(SocketOptions base) {
        return base.mutate()
                .connectTimeout(timeouts.connect())
                .keepAlive(SocketOptions.KeepAliveOptions.builder()
                        .enable()
                        .idle(Duration.ofSeconds(2))
                        .interval(Duration.ofSeconds(1))
                        .count(3)
                        .build())
                .tcpUserTimeout(SocketOptions.TcpUserTimeoutOptions.builder()
                        .enable(EpollProvider.isAvailable())
                        .tcpUserTimeout(Duration.ofSeconds(5))
                        .build())
                .build();
    }

    /** The client of a Cluster, or null. */
    @Nullable
    RedisClusterClient cluster() {
        return commands instanceof RedisClusterClient cluster ? cluster : null;
    }

    /** A new connection for commands; to a Cluster it stays, else it ends when it breaks. */
    CompletionStage<? extends StatefulConnection<String, byte[]>> connectCommands() {
        if (commands instanceof RedisClusterClient cluster) {
            return cluster.refreshPartitionsAsync()
                    .thenCompose(loaded -> cluster.connectAsync(CODEC))
                    .thenCompose(this::choosePubSub);
        }
        RedisClient single = (RedisClient) commands;
        return master(address.uris().get(0)).thenCompose(uri -> single.connectAsync(CODEC, uri));
    }

    private CompletionStage<RedisURI> master(RedisURI configured) {
        return sentinels == null ? CompletableFuture.completedFuture(configured) : sentinels.master();
    }

    /** Has {@code task} run on the loop whenever the server of the moment turns out not to be the master. */
    void whenMasterReplaced(Runnable task) {
        whenReplaced.add(task);
    }

    /** The server of the moment is not the master: all connections to it are to end, and the master is looked for anew. */
    void masterReplaced() {
        whenReplaced.forEach(Runnable::run);
    }

    /** Sharded if all masters can. It stays as it was chosen first, or nodes would no longer hear each other. */
    private CompletionStage<StatefulRedisClusterConnection<String, byte[]>> choosePubSub(
            StatefulRedisClusterConnection<String, byte[]> connection) {
        partitions = connection.getPartitions(); // Lettuce keeps them up to date
        if (pubsub != RedisProperties.PubSub.AUTO) {
            return CompletableFuture.completedFuture(connection);
        }
        CompletableFuture<Boolean> can = CompletableFuture.completedFuture(true);
        for (RedisClusterNode node : connection.getPartitions()) {
            if (node.is(RedisClusterNode.NodeFlag.UPSTREAM) && !node.hasNoSlots()) {
                can = can.thenCombine(canShard(connection, node), Boolean::logicalAnd);
            }
        }
        return can.handle((sharded, failure) -> {
            if (failure != null) {
                connection.closeAsync();
                throw new CompletionException(failure);
            }
            isSharded = sharded;
            return connection;
        });
    }

    /** A user that may not ask for the version is taken to have a new one. */
    private static CompletionStage<Boolean> canShard(
            StatefulRedisClusterConnection<String, byte[]> connection, RedisClusterNode node) {
        return connection
                .getConnectionAsync(node.getUri().getHost(), node.getUri().getPort())
                .thenCompose(toNode -> toNode.async().info("server"))
                .thenApply(info -> !RedisVersion.of(info).isBelow(RedisVersion.SHARDED))
                .exceptionallyCompose(failure -> RedisFault.of(failure) == RedisFault.NOT_PERMITTED
                        ? CompletableFuture.completedFuture(true)
                        : CompletableFuture.failedFuture(failure));
    }

    /** Names the server that has a key, as far as is known: always the same one if there is no Cluster. Any thread may ask. */
    public String owner(String key) {
        Partitions known = partitions;
        return known == null ? "" : ClusterTopology.owner(known, key);
    }

    /** Whether messages go by SPUBLISH. Known as soon as a command can be given. */
    public boolean isSharded() {
        return isSharded;
    }

    /** Whether publishing counts all receivers: a node of a Cluster counts its own only, unless there can be no others. */
    public boolean countsReceivers() {
        return cluster() == null || isSharded;
    }

    /** Where all connections are made, watched and ended. */
    LinkLoop loop() {
        return loop;
    }

    /** A new connection for messages, to the master if there is a Sentinel; it ends when it breaks. */
    CompletionStage<StatefulRedisPubSubConnection<LinkName, byte[]>> connectLink() {
        return master(linkUri).thenCompose(this::connectLink);
    }

    /** A new connection for messages, to one node; it ends when it breaks. */
    CompletionStage<StatefulRedisPubSubConnection<LinkName, byte[]>> connectLink(RedisURI node) {
        RedisURI uri = RedisURI.builder(node).withTimeout(linkUri.getTimeout()).build();
        return links.connectPubSubAsync(LinkName.CODEC, uri);
    }

    /** Closes all connections. Waits, so not for an event loop. */
    @Override
    public void close() {
        if (sentinels != null) {
            loop.execute(sentinels::close);
        }
        loop.close(CLOSE_LIMIT);
        CompletableFuture<Void> closed = CompletableFuture.allOf(
                links.shutdownAsync(0, CLOSE_LIMIT.toMillis(), TimeUnit.MILLISECONDS),
                commands.shutdownAsync(0, CLOSE_LIMIT.toMillis(), TimeUnit.MILLISECONDS));
        closed.orTimeout(2 * CLOSE_LIMIT.toMillis(), TimeUnit.MILLISECONDS)
                .exceptionally(failure -> {
                    log.atWarn().setCause(failure).log("redis.close_failed");
                    return null;
                })
                .join();
        resources
                .shutdown(0, CLOSE_LIMIT.toMillis(), TimeUnit.MILLISECONDS)
                .awaitUninterruptibly(CLOSE_LIMIT.toMillis());
    }

    ClientResources resources() {
        return resources;
    }

    /**
     * How long Redis may take.
     *
     * @param connect to connect
     * @param command to answer a command
     */
    record Timeouts(Duration connect, Duration command) {

        /** Spring's where they are set: there, Lettuce's own defaults of 10 and 60 seconds stand for "not set". */
        static Timeouts of(LettuceClientConfiguration client, RedisProperties properties) {
            Duration connect = client.getClientOptions()
                    .map(ClientOptions::getSocketOptions)
                    .map(SocketOptions::getConnectTimeout)
                    .orElse(SocketOptions.DEFAULT_CONNECT_TIMEOUT_DURATION);
            return new Timeouts(
                    connect.equals(SocketOptions.DEFAULT_CONNECT_TIMEOUT_DURATION)
                            ? properties.connectTimeout()
                            : connect,
                    client.getCommandTimeout().equals(RedisURI.DEFAULT_TIMEOUT_DURATION)
                            ? properties.commandTimeout()
                            : client.getCommandTimeout());
        }
    }
}
