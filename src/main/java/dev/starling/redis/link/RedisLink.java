package dev.starling.redis.link;

import io.lettuce.core.cluster.SlotHash;
import io.lettuce.core.pubsub.StatefulRedisPubSubConnection;
import java.util.BitSet;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Messages from one Redis server: one connection after the other, each with all that should be heard, as long as it is
 * needed. Which connection that is, what has been told to it and whether it is alive is owned by the loop; messages go
 * past that, from the reading thread to the listener.
 */
final class RedisLink {

    private static final Logger log = LoggerFactory.getLogger(RedisLink.class);

    /** Who has to do with all links. */
    interface Owner {

        /** This channel, or all of the link's if null, may be served elsewhere by now. On the loop. */
        void moved(RedisLink link, @Nullable String channel);

        /** Redis has ended the subscription of this channel: the same, but at once, on the reading thread. */
        void ended(String channel);
    }

    private final String name;
    private final SlotLinks.Shard.Dialer dialer;
    private final RedisLinks.Tools tools;
    private final Owner owner;
    private final LinkLoop loop;
    private final ChannelLedger ledger;
    private final Canary canary;
    private final LinkConfirmation confirmation;
    private final Backoff backoff =
            new Backoff(bound -> ThreadLocalRandom.current().nextLong(bound));
    private volatile String canaryChannel;
    private volatile boolean isUp;
    private volatile boolean isSilent;
    private volatile int heard;

    private @Nullable LinkConnection connection;
    private @Nullable PingLoop<String> pings;

    /** Why Redis does not hear a channel that it was asked to; null if there is none of these. */
    private @Nullable RedisFault refusal;

    private long connectedNanos;
    private int masters;
    private boolean resubscribed;
    private boolean paused;
    private boolean awaitsLinger;
    private boolean closed;

    RedisLink(SlotLinks.Shard shard, RedisLinks.Tools tools, Owner owner) {
        this.name = shard.name();
        this.dialer = shard.dialer();
        this.canaryChannel = tools.canaryNames().in(shard.slots());
        this.tools = tools;
        this.owner = owner;
        this.loop = tools.loop();
        this.ledger = new ChannelLedger(tools.properties().linger().toNanos());
        this.canary = new Canary(loop, tools.commands(), tools.properties(), tools.sharded(), new Delivery());
        this.confirmation =
                new LinkConfirmation(tools.properties().probeTimeout().plus(Backoff.LONGEST));
        ledger.want(canaryChannel);
        tools.condition().failed(name, RedisFault.DISCONNECTED);
    }

    String name() {
        return name;
    }

    /** Whether there is a connection that takes subscriptions. Any thread. */
    boolean isUp() {
        return isUp;
    }

    /**
     * Whether the server has not answered the last attempt to connect. That a link was lost does not count: so it may be only
     * what comes through it that is too much. Any thread.
     */
    boolean isSilent() {
        return isSilent;
    }

    /** Any thread may ask. */
    LinkConfirmation confirmation() {
        return confirmation;
    }

    /** Channels that Redis was told. Any thread. */
    int heard() {
        return heard;
    }

    /** Begins to connect. On the loop, as all that follows. */
    void open() {
        if (!closed) {
            int known = masters;
            Dial.on(loop, dialer::dial, dialed -> dialed(dialed, known), this::refused);
        }
    }

    void add(String channel) {
        ledger.want(channel);
        pump();
    }

    /** The same for one that was heard elsewhere until now. */
    void take(String channel) {
        confirmation.unsettled();
        add(channel);
    }

    void remove(String channel) {
        ledger.unwant(channel, System.nanoTime());
        awaitLinger();
    }

    /** Another link has it from now on. Redis need not be told: a server that gives a slot away ends its subscriptions. */
    void forget(String channel) {
        ledger.forget(channel);
        heard = ledger.heard();
    }

    /** What should be heard here, but for the canary. */
    Collection<String> wanted() {
        Collection<String> wanted = ledger.wanted();
        wanted.remove(canaryChannel);
        return wanted;
    }

    /** Redis has ended this subscription, and this link is still the one to ask for it. */
    void subscribeAgain(String channel) {
        confirmation.unsettled();
        ledger.unheard(channel);
        pump();
    }

    /** The server is not the master, or not any more. */
    void leave() {
        masters++;
        if (connection != null) {
            lost(connection, RedisFault.READ_ONLY, null);
        }
    }

    /** The server has these slots now; the canary moves if it has lost its own. */
    void serve(BitSet slots) {
        if (!slots.get(SlotHash.getSlot(canaryChannel))) {
            canary.stop();
            ledger.forget(canaryChannel);
            canaryChannel = tools.canaryNames().in(slots);
            add(canaryChannel);
        }
    }

    private void dialed(StatefulRedisPubSubConnection<LinkName, byte[]> dialed, int known) {
        LinkConnection fresh = new LinkConnection(dialed, tools.sharded(), new Reading());
        if (closed || known != masters) { // it has been replaced in the meantime
            fresh.close();
            open();
            return;
        }
        connection = fresh;
        connectedNanos = System.nanoTime();
        fresh.listen();
        pings = new PingLoop<>(
                loop, PingLoop.Pace.of(tools.properties()), fresh::ping, pong -> {}, fault -> lost(fresh, fault, null));
        pings.start();
        fresh.introduce(tools.leastVersion())
                .whenComplete((done, failure) -> loop.execute(() -> introduced(fresh, failure)));
    }

    /** A server that does not tell this user who it is, is taken at its word when it is asked to subscribe. */
    private void introduced(LinkConnection which, @Nullable Throwable failure) {
        if (which != connection) {
            return;
        }
        if (failure != null && !RedisFault.leavesConnectionUsable(failure)) {
            lost(which, RedisFault.of(failure), failure);
            return;
        }
        ledger.lost();
        isSilent = false;
        isUp = true;
        tools.metrics().connected();
        log.atInfo()
                .addKeyValue("link", name)
                .addKeyValue("channels", wanted().size())
                .log("redis.link_up");
        pump();
    }

    private void refused(Throwable failure) {
        RedisFault fault = RedisFault.of(failure);
        if (closed) {
            return;
        }
        isSilent = fault == RedisFault.TIMEOUT;
        tools.metrics().refused(fault);
        tools.failed(name, fault, failure, "redis.link_refused");
        redial();
    }

    private void lost(LinkConnection which, RedisFault fault, @Nullable Throwable failure) {
        if (which != connection) {
            return;
        }
        drop();
        tools.metrics().lost(fault);
        tools.failed(name, fault, failure, "redis.link_lost");
        redial();
    }

    private void drop() {
        LinkConnection dropped = connection;
        connection = null;
        isUp = false;
        refusal = null;
        resubscribed = false;
        paused = false;
        confirmation.lost();
        canary.stop();
        ledger.lost();
        heard = 0;
        if (pings != null) {
            pings.stop();
        }
        if (dropped != null) {
            dropped.close();
        }
    }

    private void redial() {
        owner.moved(this, null);
        loop.schedule(this::open, TimeUnit.MILLISECONDS.toNanos(backoff.nextMillis()));
    }

    /** Sends the next batch, if the one before has been answered. */
    private void pump() {
        LinkConnection current = connection;
        if (!isUp || paused || current == null || !current.isIdle()) {
            return;
        }
        int most = tools.properties().subscribeBatch();
        List<String> batch = ledger.toSubscribe(most);
        if (!batch.isEmpty()) {
            current.subscribe(batch);
        } else {
            settle();
            batch = ledger.toUnsubscribe(most, System.nanoTime());
            if (!batch.isEmpty()) {
                current.unsubscribe(batch);
            }
        }
        heard = ledger.heard();
    }

    private void settle() {
        refusal = null;
        confirmation.settled();
        if (!resubscribed) {
            resubscribed = true;
            tools.metrics().resubscribed(System.nanoTime() - connectedNanos);
        }
    }

    /** What Redis refuses is asked for again, after a while, on the same connection: on another the answer would be the same. */
    private void batchRefused(LinkConnection which, List<String> channels, Throwable failure) {
        RedisFault fault = RedisFault.of(failure);
        if (which != connection || !RedisFault.leavesConnectionUsable(failure)) {
            lost(which, fault, failure);
            return;
        }
        if (!channels.isEmpty()) {
            refusal = fault;
            confirmation.unsettled();
            channels.forEach(ledger::unheard);
        }
        tools.failed(name, fault, failure, "redis.subscribe_refused");
        if (!paused) {
            paused = true;
            loop.schedule(
                    () -> {
                        paused = which != connection && paused;
                        goOn();
                    },
                    tools.properties().probeInterval().toNanos());
        }
    }

    /** While a batch is under way nobody can leave, and its answer leads here again. */
    private void awaitLinger() {
        Long leave = ledger.nextLeaveNanos();
        LinkConnection current = connection;
        if (leave != null && !awaitsLinger && current != null && current.isIdle()) {
            awaitsLinger = true;
            loop.schedule(this::lingered, Math.max(1, leave - System.nanoTime()));
        }
    }

    private void lingered() {
        awaitsLinger = false;
        goOn();
    }

    private void goOn() {
        pump();
        awaitLinger();
    }

    /** Ends it. */
    void close() {
        closed = true;
        drop();
        tools.condition().gone(name);
    }

    /** What the connection's reading thread hands over. */
    private final class Reading implements LinkConnection.Events {

        @Override
        public void message(String channel, byte[] payload) {
            if (channel.equals(canaryChannel)) {
                canary.arrived(channel, payload);
            } else {
                tools.listener().message(channel, payload);
            }
        }

        @Override
        public void subscribed(String channel) {
            if (channel.equals(canaryChannel)) {
                loop.execute(() -> canary.start(channel));
            } else {
                tools.listener().subscribed(channel);
            }
        }

        @Override
        public void answered() {
            loop.execute(RedisLink.this::goOn);
        }

        @Override
        public void refused(LinkConnection which, List<String> channels, Throwable failure) {
            loop.execute(() -> batchRefused(which, channels, failure));
        }

        @Override
        public void moved(String channel) {
            owner.ended(channel);
            loop.execute(() -> owner.moved(RedisLink.this, channel));
        }

        @Override
        public void disconnected(LinkConnection which) {
            confirmation.broken();
            loop.execute(() -> lost(which, RedisFault.DISCONNECTED, null));
        }
    }

    /** What becomes of the canary. */
    private final class Delivery implements Canary.Witness {

        @Override
        public void delivered(long nanos) {
            backoff.reset();
            tools.metrics().roundTrip(nanos);
            confirmation.proven();
            if (refusal == null && tools.condition().delivered(name, nanos)) {
                log.atInfo().addKeyValue("link", name).log("redis.delivers");
            }
        }

        @Override
        public void refused(RedisFault fault, Throwable failure) {
            if (RedisFault.isAnswer(failure)) { // publishing will be answered in the same way
                confirmation.proven();
            }
            tools.failed(name, fault, failure, "redis.canary_refused");
        }

        @Override
        public void undelivered() {
            LinkConnection current = connection;
            if (current != null) {
                lost(current, RedisFault.NOT_DELIVERING, null);
            }
        }
    }
}
