package dev.starling.redis.link;

import static java.util.Comparator.comparingLong;

import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.codec.StringCodec;
import io.lettuce.core.sentinel.api.StatefulRedisSentinelConnection;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which server is the master, by the word of the Sentinels. All of them are asked ten times a second, since a replaced master
 * goes on as one for ten seconds, and since a subscription to their events may be dead without anybody noticing. While they
 * disagree the highest configuration epoch is right, as it is among themselves. If none answers, the last word holds.
 *
 * <p>From the beginning of a failover there is no master until they name the new one: what the old one takes after the
 * promotion is lost, and the Sentinels see that promotion up to a second late. All is owned by the loop.
 */
final class Sentinels {

    private static final Logger log = LoggerFactory.getLogger(Sentinels.class);
    private static final PingLoop.Pace PACE = new PingLoop.Pace(Duration.ofMillis(100), Duration.ofSeconds(1));

    /** A failover that takes longer than this has got stuck: then the old master is better than none. */
    private static final long LONGEST_FAILOVER_NANOS = Duration.ofSeconds(10).toNanos();

    /** What one Sentinel says. */
    private record Vote(Failover failover, String host, int port) {

        String address() {
            return host + ':' + port;
        }
    }

    /** The newest failover that a Sentinel knows, or has begun. */
    private record Failover(long epoch, boolean isUnderWay) {

        static final Failover UNKNOWN = new Failover(0, false); // a Sentinel need not tell this user

        static Failover of(Map<String, String> state) {
            return new Failover(
                    Long.parseLong(state.getOrDefault("config-epoch", "0")),
                    state.getOrDefault("flags", "").contains("failover_in_progress"));
        }
    }

    private final RedisClient client;
    private final RedisURI base;
    private final String masterName;
    private final LinkLoop loop;
    private final Runnable replaced;
    private final List<Sentinel> sentinels;
    private CompletableFuture<RedisURI> first = new CompletableFuture<>();
    private @Nullable Vote master;
    private @Nullable Vote before;
    private long failoverNanos;
    private boolean failover;
    private boolean opened;
    private boolean closed;

    /**
     * @param base names the Sentinels and the master, and says how to log in there
     * @param replaced told when another server has become the master
     */
    Sentinels(RedisClient client, RedisURI base, LinkLoop loop, Runnable replaced) {
        this.client = client;
        this.base = base;
        this.masterName = base.getSentinelMasterId();
        this.loop = loop;
        this.replaced = replaced;
        this.sentinels = base.getSentinels().stream().map(Sentinel::new).toList();
    }

    /** Where the master is: at once if that is known, else as soon as one Sentinel has said it, or all have failed. */
    CompletionStage<RedisURI> master() {
        if (!opened) {
            opened = true;
            sentinels.forEach(Sentinel::dial);
        }
        return master == null ? first : CompletableFuture.completedFuture(uri(master));
    }

    private RedisURI uri(Vote vote) {
        return RedisURI.builder(base).withHost(vote.host).withPort(vote.port).build();
    }

    private void count() {
        Vote best = votes().max(comparingLong(vote -> vote.failover.epoch)).orElse(null);
        if (best == null) {
            return;
        }
        if (isBeingReplaced()) {
            leave("redis.failover_begun");
        } else if (master == null) {
            name(best);
        } else if (!master.address().equals(best.address())) {
            leave("redis.master_replaced");
            name(best);
        }
    }

    private Stream<Vote> votes() {
        return sentinels.stream().flatMap(sentinel -> Stream.ofNullable(sentinel.vote));
    }

    /** Only the Sentinel that does it knows; it goes on with the other replicas when it has named the new master. */
    private boolean isBeingReplaced() {
        Vote last = before;
        boolean begun = last != null
                && votes().anyMatch(vote ->
                        vote.failover.isUnderWay && vote.address().equals(last.address()));
        if (begun && !failover) {
            failoverNanos = System.nanoTime();
        }
        failover = begun;
        return begun && System.nanoTime() - failoverNanos < LONGEST_FAILOVER_NANOS;
    }

    private void name(Vote best) {
        if (before != null) {
            log.atInfo()
                    .addKeyValue("master", best.address())
                    .addKeyValue("before", before.address())
                    .log("redis.master_named");
        }
        master = best;
        before = best;
        CompletableFuture<RedisURI> waited = first;
        first = new CompletableFuture<>();
        waited.complete(uri(best));
    }

    private void leave(String why) {
        if (master != null) {
            log.atInfo().addKeyValue("master", master.address()).log(why);
            master = null;
            replaced.run();
        }
    }

    /** Whoever waits is told once nobody is left to hope for, or gets what was known last. */
    private void refused(Throwable failure) {
        if (master != null || !sentinels.stream().allMatch(sentinel -> sentinel.failed)) {
            return;
        }
        if (before != null) {
            name(before);
        } else {
            CompletableFuture<RedisURI> waited = first;
            first = new CompletableFuture<>();
            waited.completeExceptionally(failure);
        }
    }

    void close() {
        closed = true;
        sentinels.forEach(Sentinel::drop);
    }

    /** One of them: a connection after the other. */
    private final class Sentinel {

        private final RedisURI uri;
        private final Backoff backoff =
                new Backoff(bound -> ThreadLocalRandom.current().nextLong(bound));
        private @Nullable StatefulRedisSentinelConnection<String, String> connection;
        private @Nullable PingLoop<Vote> questions;
        private @Nullable Vote vote;
        private boolean failed;

        Sentinel(RedisURI uri) {
            this.uri = uri;
        }

        void dial() {
            if (!closed) {
                Dial.on(loop, () -> client.connectSentinelAsync(StringCodec.UTF8, uri), this::connected, this::failed);
            }
        }

        private void connected(StatefulRedisSentinelConnection<String, String> dialed) {
            if (closed) {
                dialed.closeAsync();
                return;
            }
            connection = dialed;
            questions = new PingLoop<>(
                    loop,
                    PACE,
                    () -> ask(dialed),
                    this::answered,
                    fault -> failed(new RedisFaultException(fault, "a Sentinel has stopped to answer")));
            questions.start();
        }

        /** First the epoch: should the master change in between, its vote weighs too little rather than too much. */
        private CompletionStage<Vote> ask(StatefulRedisSentinelConnection<String, String> dialed) {
            CompletableFuture<Failover> newest = dialed.async()
                    .master(masterName)
                    .toCompletableFuture()
                    .thenApply(Failover::of)
                    .exceptionally(failure -> Failover.UNKNOWN);
            return dialed.async()
                    .getMasterAddrByName(masterName)
                    .toCompletableFuture()
                    .thenCombine(newest, (address, known) -> {
                        if (!(address instanceof InetSocketAddress internet)) {
                            throw new RedisFaultException(
                                    RedisFault.UNREACHABLE, "a Sentinel does not know the master " + masterName);
                        }
                        return new Vote(known, internet.getHostString(), internet.getPort());
                    });
        }

        private void answered(@Nullable Vote answer) {
            vote = answer;
            if (answer == null) {
                doubt(new RedisFaultException(RedisFault.NOT_PERMITTED, "a Sentinel does not name the master"));
                return;
            }
            failed = false;
            backoff.reset();
            count();
        }

        private void doubt(Throwable failure) {
            if (!failed && !closed) {
                RedisFault.of(failure)
                        .in(log.atWarn().addKeyValue("sentinel", uri.getHost() + ':' + uri.getPort()), failure)
                        .log("redis.sentinel_lost");
            }
            failed = true;
            refused(failure);
        }

        private void failed(Throwable failure) {
            drop();
            doubt(failure);
            if (!closed) {
                loop.schedule(this::dial, TimeUnit.MILLISECONDS.toNanos(backoff.nextMillis()));
            }
        }

        void drop() {
            vote = null;
            if (questions != null) {
                questions.stop();
            }
            if (connection != null) {
                connection.closeAsync();
                connection = null;
            }
        }
    }
}
