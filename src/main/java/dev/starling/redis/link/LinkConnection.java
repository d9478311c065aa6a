package dev.starling.redis.link;

import io.lettuce.core.RedisChannelHandler;
import io.lettuce.core.RedisConnectionStateListener;
import io.lettuce.core.RedisFuture;
import io.lettuce.core.pubsub.RedisPubSubAdapter;
import io.lettuce.core.pubsub.StatefulRedisPubSubConnection;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * One connection for messages, from when it is made until it breaks. Its listener runs on the connection's reading thread;
 * the rest is for the loop.
 */
final class LinkConnection extends RedisPubSubAdapter<LinkName, byte[]> {

    /** What happens here; all on the reading thread. */
    interface Events {

        void message(String channel, byte[] payload);

        void subscribed(String channel);

        /** All of the last batch has been answered. */
        void answered();

        /** Redis has answered an error to these, which were a batch or a part of it, and does not hear them. */
        void refused(LinkConnection which, List<String> channels, Throwable failure);

        /** Redis serves this channel elsewhere by now. */
        void moved(String channel);

        void disconnected(LinkConnection which);
    }

    private final StatefulRedisPubSubConnection<LinkName, byte[]> connection;
    private final boolean sharded;
    private final Events events;
    private final AtomicInteger unanswered = new AtomicInteger();

    // With sharded pub/sub, what Redis has not answered yet: it may say of one channel twice that it is gone.
    private final Set<String> joining = ConcurrentHashMap.newKeySet();
    private final Set<String> leaving = ConcurrentHashMap.newKeySet();

    /** The number of the newest one; changed by the loop alone, before it counts the answers. */
    private final AtomicLong batch = new AtomicLong();

    LinkConnection(StatefulRedisPubSubConnection<LinkName, byte[]> connection, boolean sharded, Events events) {
        this.connection = connection;
        this.sharded = sharded;
        this.events = events;
    }

    /** Begins to tell what happens. */
    void listen() {
        connection.addListener(this);
        connection.addListener(new RedisConnectionStateListener() {
            @Override
            public void onRedisDisconnected(RedisChannelHandler<?, ?> handler) {
                events.disconnected(LinkConnection.this);
            }
        });
        if (!connection.isOpen()) {
            events.disconnected(LinkConnection.this); // it may have gone before anybody listened
        }
    }

    /** Asks the server who it is, and fails if it is of no use: too old, or a replica. */
    CompletionStage<Void> introduce(RedisVersion least) {
        return connection.async().info().thenAccept(info -> {
            if (RedisVersion.of(info).isBelow(least)) {
                throw new RedisFaultException(RedisFault.TOO_OLD, "this Redis is older than " + least);
            }
            if (ServerInfo.of(info).isReplica()) {
                throw new RedisFaultException(RedisFault.READ_ONLY, "this Redis is a replica");
            }
        });
    }

    /**
     * Fails also if Redis has answered, but not all of a batch that it was sent before: that answer would be waited for
     * forever, and nothing more be subscribed.
     */
    CompletionStage<String> ping() {
        long before = isIdle() ? 0 : batch.get();
        return connection.async().ping().thenApply(pong -> {
            if (!isIdle() && before == batch.get()) {
                throw new RedisFaultException(RedisFault.TIMEOUT, "Redis has left out an answer to a batch");
            }
            return pong;
        });
    }

    /** Whether a batch may be sent: only if the one before has been answered in full. */
    boolean isIdle() {
        return unanswered.get() == 0;
    }

    /**
     * A batch. The futures of Lettuce prove nothing, as under RESP3 the first answer to a command completes it, and each
     * further one completes the next; so the answers are counted. In a Cluster a command has one channel, as one with
     * channels of several slots is refused, and then a failure tells which channel it was.
     */
    void subscribe(List<String> channels) {
        begin(channels);
        if (sharded) {
            joining.addAll(channels);
            channels.forEach(
                    channel -> failing(channel, true, connection.async().ssubscribe(new LinkName(channel))));
        } else {
            failing(channels, connection.async().subscribe(names(channels)));
        }
    }

    void unsubscribe(List<String> channels) {
        begin(channels);
        if (sharded) {
            leaving.addAll(channels);
            channels.forEach(
                    channel -> failing(channel, false, connection.async().sunsubscribe(new LinkName(channel))));
        } else {
            failing(List.of(), connection.async().unsubscribe(names(channels)));
        }
    }

    private static LinkName[] names(List<String> channels) {
        return channels.stream().map(LinkName::new).toArray(LinkName[]::new);
    }

    private void begin(List<String> channels) {
        batch.incrementAndGet();
        unanswered.set(channels.size());
    }

    /** A command that got no answer at all ends with its connection, of which others tell. */
    private void failing(List<String> channels, RedisFuture<Void> command) {
        command.whenComplete((done, failure) -> {
            if (failure != null && RedisFault.isAnswer(failure)) {
                events.refused(this, channels, failure);
                unanswered.set(0);
                events.answered();
            }
        });
    }

    private void failing(String channel, boolean joins, RedisFuture<Void> command) {
        command.whenComplete((done, failure) -> {
            if (failure == null || !RedisFault.isAnswer(failure)) {
                return;
            }
            if (RedisFault.of(failure) != RedisFault.CLUSTER_DOWN) {
                events.refused(this, joins ? List.of(channel) : List.of(), failure);
            } else if (joins) {
                events.moved(channel);
            }
            answer(channel, joins ? joining : leaving);
        });
    }

    /** Whether that channel was still without an answer. */
    private boolean answer(String channel, Set<String> asked) {
        boolean first = asked.remove(channel);
        if (first) {
            answer();
        }
        return first;
    }

    private void answer() {
        if (unanswered.decrementAndGet() == 0) {
            events.answered();
        }
    }

    @Override
    public void message(LinkName channel, byte[] payload) {
        events.message(channel.text(), payload);
    }

    @Override
    public void smessage(LinkName channel, byte[] payload) {
        events.message(channel.text(), payload);
    }

    @Override
    public void subscribed(LinkName channel, long count) {
        events.subscribed(channel.text());
        answer();
    }

    @Override
    public void ssubscribed(LinkName channel, long count) {
        events.subscribed(channel.text());
        answer(channel.text(), joining);
    }

    @Override
    public void unsubscribed(LinkName channel, long count) {
        answer();
    }

    /** Redis says so by itself, too: when the slot has moved. */
    @Override
    public void sunsubscribed(LinkName channel, long count) {
        if (!answer(channel.text(), leaving)) {
            events.moved(channel.text());
        }
    }

    /** Returns at once, also if the other side is dead. */
    void close() {
        connection.removeListener(this);
        connection.closeAsync();
    }
}
