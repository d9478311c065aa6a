package dev.starling.redis.link;

import io.lettuce.core.RedisURI;
import io.lettuce.core.cluster.RedisClusterClient;
import io.lettuce.core.cluster.api.async.RedisClusterAsyncCommands;
import io.lettuce.core.pubsub.StatefulRedisPubSubConnection;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The links of this node: one to a single server, to the master that Sentinel names, or to any node of a Cluster with
 * classic pub/sub; with sharded pub/sub one to each master. All changes happen on the loop.
 */
public final class RedisLinks implements RedisSubscriptions, RedisLink.Owner, AutoCloseable {

    private final RedisClients clients;
    private final CommandConnection commands;
    private final RedisProperties properties;
    private final Listener listener;
    private final RedisCondition condition;
    private final RedisMetrics metrics;
    private final LinkLoop loop;
    private final Canary.Names canaryNames;
    private final SlotLinks links = new SlotLinks(this::link);
    private @Nullable ClusterTopology topology;

    RedisLinks(
            RedisClients clients,
            CommandConnection commands,
            RedisProperties properties,
            RedisCondition condition,
            RedisMetrics metrics,
            Listener listener) {
        this.clients = clients;
        this.commands = commands;
        this.properties = properties;
        this.listener = listener;
        this.condition = condition;
        this.metrics = metrics;
        this.loop = clients.loop();
        this.canaryNames = new Canary.Names(
                properties.prefix(),
                HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextLong()));
        clients.whenMasterReplaced(() -> links.all().forEach(RedisLink::leave));
        metrics.gauges(this::linksUp, this::linksDown, this::heard);
    }

    /** Begins to connect, for as long as it takes. */
    void open() {
        loop.execute(() -> {
            RedisClusterClient cluster = clients.cluster();
            if (cluster == null) {
                links.place(List.of(SlotLinks.Shard.whole(clients::connectLink)));
            } else {
                commands.onceConnected(() -> openCluster(cluster));
            }
        });
    }

    private void openCluster(RedisClusterClient cluster) {
        ClusterTopology known = new ClusterTopology(cluster, loop, this::place);
        topology = known;
        if (clients.isSharded()) {
            place();
        } else {
            links.place(List.of(SlotLinks.Shard.whole(() -> connectAny(known))));
        }
    }

    private CompletionStage<StatefulRedisPubSubConnection<LinkName, byte[]>> connectAny(ClusterTopology known) {
        RedisURI master = known.anyMaster();
        return master == null
                ? CompletableFuture.failedFuture(
                        new RedisFaultException(RedisFault.CLUSTER_DOWN, "no master has a slot"))
                : clients.connectLink(master);
    }

    private RedisLink link(SlotLinks.Shard shard) {
        Tools tools = new Tools(
                loop, properties, commands.commands(), clients.isSharded(), canaryNames, listener, condition, metrics);
        return new RedisLink(shard, tools, this);
    }

    @Override
    public void ended(String channel) {
        links.ended(channel);
    }

    @Override
    public void moved(RedisLink link, @Nullable String channel) {
        if (channel != null) {
            links.moved(channel);
        }
        if (topology != null) {
            topology.doubt();
        }
    }

    private void place() {
        if (topology == null || !clients.isSharded()) {
            return;
        }
        List<SlotLinks.Shard> shards = new ArrayList<>();
        topology.masters()
                .forEach((name, master) ->
                        shards.add(new SlotLinks.Shard(name, () -> clients.connectLink(master.uri()), master.slots())));
        links.place(shards);
    }

    @Override
    public void add(String channel) {
        loop.execute(() -> links.add(channel));
    }

    @Override
    public void remove(String channel) {
        loop.execute(() -> links.remove(channel));
    }

    @Override
    public boolean isUp(String channel) {
        RedisLink link = links.linkOf(channel);
        return link != null && link.isUp();
    }

    @Override
    public boolean isConfirmed(String channel) {
        RedisLink link = links.linkOf(channel);
        return link != null && link.confirmation().isConfirmed() && !links.isEnded(channel);
    }

    @Override
    public boolean isJustBack(String channel) {
        RedisLink link = links.linkOf(channel);
        return link != null && link.confirmation().isJustBack();
    }

    /** With sharded pub/sub only: else the connection for commands has pings of its own, and may do better than the link. */
    @Override
    public boolean isSilent(String channel) {
        RedisLink link = clients.isSharded() ? links.linkOf(channel) : null;
        return link != null && link.isSilent();
    }

    /** Channels that this node hears. */
    long heard() {
        return links.all().stream().mapToLong(RedisLink::heard).sum();
    }

    long linksUp() {
        return links.all().stream().filter(RedisLink::isUp).count();
    }

    long linksDown() {
        return links.all().size() - linksUp();
    }

    /** Ends all connections for messages. */
    @Override
    public void close() {
        loop.execute(() -> {
            if (topology != null) {
                topology.close();
            }
            links.place(List.of());
        });
    }

    /** What all links share. */
    record Tools(
            LinkLoop loop,
            RedisProperties properties,
            RedisClusterAsyncCommands<String, byte[]> commands,
            boolean sharded,
            Canary.Names canaryNames,
            RedisSubscriptions.Listener listener,
            RedisCondition condition,
            RedisMetrics metrics) {

        private static final Logger log = LoggerFactory.getLogger(RedisLink.class);

        /** Notes why nothing is delivered through a link, and logs it if that is news. */
        void failed(String link, RedisFault fault, @Nullable Throwable failure, String event) {
            if (condition.failed(link, fault)) {
                fault.in(log.atWarn().addKeyValue("link", link), failure).log(event);
            }
        }

        RedisVersion leastVersion() {
            return sharded ? RedisVersion.SHARDED : RedisVersion.CLASSIC;
        }
    }
}
