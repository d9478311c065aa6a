package dev.starling.redis.presence;

import static dev.starling.broker.PresenceContract.CHANNEL;
import static dev.starling.broker.PresenceContract.enter;
import static dev.starling.broker.PresenceContract.member;
import static dev.starling.broker.PresenceContract.members;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.starling.broker.PresencePage;
import dev.starling.redis.RedisServer;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A hundred thousand members in one channel. */
@Tag("long")
final class CrowdedPresenceIT {

    private static final Logger log = LoggerFactory.getLogger(CrowdedPresenceIT.class);
    private static final RedisServer redis = RedisServer.start();
    private static final Duration TTL = Duration.ofSeconds(10);
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int CROWD = 100_000;
    private static final int READS = 50;

    @AfterAll
    static void stop() {
        redis.close();
    }

    @Test
    void neverHoldsUpRedisWhetherTheyComeStayAreReadOrAreKilled() {
        int scripts;
        redis.watchSlowCommands(Duration.ofMillis(20));
        try (PresenceCluster cluster = new PresenceCluster(redis.port(), TTL)) {
            RedisPresence survivor = cluster.node();
            RedisPresence doomed = cluster.node();
            AtomicInteger joined = new AtomicInteger();
            doomed.listen(change -> joined.incrementAndGet());
            Set<String> left = ConcurrentHashMap.newKeySet();
            AtomicInteger leaves = new AtomicInteger();
            survivor.listen(change -> {
                if (!change.joined()) {
                    left.add(change.member().connection());
                    leaves.incrementAndGet();
                }
            });
            enter(survivor, CHANNEL, member("last", "last", CROWD));

            time(
                    "entered",
                    () -> PresenceCluster.forEach(CROWD, i -> doomed.enter(CHANNEL, member("user-" + i, "c" + i, i))));
            await().atMost(PATIENCE).until(() -> joined.get() >= CROWD);
            assertThat(joined).hasValue(CROWD);
            time(READS + " reads of 1000", () -> {
                for (int i = 0; i < READS; i++) {
                    PresencePage page = members(survivor, CHANNEL, 1000);
                    assertThat(page.count()).isEqualTo(CROWD + 1);
                    assertThat(page.members()).hasSize(1000);
                    assertThat(page.members().get(999)).isEqualTo(member("user-999", "c999", 999));
                }
            });
            awaitTwoRefreshes(cluster);
            assertThat(members(survivor, CHANNEL, 0).count()).isEqualTo(CROWD + 1);

            doomed.close();
            await().atMost(PATIENCE)
                    .until(() -> members(survivor, CHANNEL, 1000).count() == 1);
            assertThat(members(survivor, CHANNEL, 1000).members()).doesNotContain(member("user-0", "c0", 0));
            await().atMost(PATIENCE).until(() -> left.size() == CROWD);
            assertThat(leaves).hasValue(CROWD);
            assertThat(members(survivor, CHANNEL, 1000).members()).containsExactly(member("last", "last", CROWD));
            scripts = PresenceCluster.scripts(redis);
        }
        assertThat(slowScripts())
                .as(
                        "a machine that is busy with others interrupts Redis now and then, but a script that walks over all is slow each time")
                .isLessThan(scripts / 5);
    }

    private static void awaitTwoRefreshes(PresenceCluster cluster) {
        int batches = PresenceCluster.scripts(redis) + 2 * CROWD / RedisMembers.BATCH;
        await().atMost(PATIENCE).until(() -> PresenceCluster.scripts(redis) >= batches);
        assertThat(cluster.count("ws.presence.failures")).isZero();
    }

    private static long slowScripts() {
        return redis.slowCommands().stream()
                .filter(slow -> slow.command().startsWith("EVALSHA"))
                .count();
    }

    private static void time(String what, Runnable task) {
        long start = System.nanoTime();
        task.run();
        log.atInfo()
                .addKeyValue("what", what)
                .addKeyValue("millis", (System.nanoTime() - start) / 1_000_000)
                .log("presence.measured");
    }
}
