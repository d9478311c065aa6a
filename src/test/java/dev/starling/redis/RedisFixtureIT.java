package dev.starling.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.starling.redis.link.LinkNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** The servers on which other tests rely do what these think they do. */
class RedisFixtureIT {

    @Test
    void serverKeepsItsDataThroughAKill() {
        try (RedisServer redis = RedisServer.startDurable()) {
            redis.cli("SET", "k", "v");

            redis.kill();
            assertThatThrownBy(() -> redis.cli("PING")).isInstanceOf(UncheckedIOException.class);

            redis.restart();
            assertThat(redis.cli("GET", "k")).isEqualTo("v");

            redis.restartEmpty();
            assertThat(redis.cli("GET", "k")).isEmpty();
        }
    }

    @Test
    void frozenServerTakesConnectionsButDoesNotAnswer() throws IOException {
        try (RedisServer redis = RedisServer.start();
                RedisWire wire = new RedisWire(redis.port())) {
            redis.freeze();
            Thread asking = new Thread(() -> {
                try {
                    wire.call("SET", "asked", "yes");
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
            asking.start();
            Awaitility.await().until(() -> asking.getState() == Thread.State.RUNNABLE);
            assertThat(redis.isAlive()).isTrue();

            redis.thaw();

            Awaitility.await().until(() -> redis.cli("GET", "asked").equals("yes"));
        }
    }

    @Test
    void serverWithAPasswordRefusesTheOthers() throws IOException {
        try (RedisServer redis = RedisServer.start("requirepass secret");
                RedisWire stranger = new RedisWire(redis.port())) {
            assertThat(redis.cli("PING")).isEqualTo("PONG");
            assertThat(redis.properties()).contains("spring.data.redis.password=secret");
            assertThatThrownBy(() -> stranger.call("PING"))
                    .isInstanceOf(RedisErrorReply.class)
                    .hasMessageStartingWith("NOAUTH");
        }
    }

    @Test
    void slowCommandsAreSeen() {
        try (RedisServer redis = RedisServer.start("enable-debug-command yes")) {
            redis.watchSlowCommands(Duration.ofMillis(20));
            redis.cli("DEBUG", "SLEEP", "0.05");

            assertThat(redis.slowCommands()).anySatisfy(slow -> {
                assertThat(slow.command()).isEqualTo("DEBUG SLEEP 0.05");
                assertThat(slow.took()).isGreaterThan(Duration.ofMillis(49));
            });
        }
    }

    @Test
    void manyServersStartOneAfterTheOther() {
        for (int i = 0; i < 20; i++) {
            try (RedisServer redis = RedisServer.start()) {
                assertThat(redis.cli("PING")).isEqualTo("PONG");
            }
        }
    }

    @Test
    void sentinelsFindAnotherMaster() {
        try (RedisSentinels redis = RedisSentinels.start()) {
            redis.master().cli("SET", "k", "v");
            RedisServer first = redis.master();
            LinkNode.await(first::isReplicated);

            redis.failover();
            assertThat(redis.replica()).isSameAs(first);
            assertThat(redis.master().cli("GET", "k")).isEqualTo("v");

            RedisServer second = redis.killMaster();
            assertThat(redis.master()).isSameAs(first).isNotSameAs(second);

            redis.heal();
            assertThat(redis.replica()).isSameAs(second);
            redis.killMasterAfter(() -> first.cli("SET", "k", "w"));
            assertThat(redis.master()).isSameAs(second);
            assertThat(second.cli("GET", "k")).isEqualTo("v");
        }
    }

    @Test
    void clusterMovesASlotWithItsKeysAndSurvivesAMaster() {
        try (RedisCluster redis = RedisCluster.startReplicated()) {
            int slot = RedisCluster.slotOf("{k}");
            RedisServer owner = redis.ownerOf(slot);
            RedisServer target = redis.otherThanOwnerOf(slot);
            owner.cli("SET", "k", "v");

            redis.migrate(slot, target);
            assertThat(redis.ownerOf(slot)).isSameAs(target);
            assertThat(target.cli("GET", "k")).isEqualTo("v");
            assertThatThrownBy(() -> owner.cli("GET", "k")).hasMessageStartingWith("MOVED " + slot);
            LinkNode.await(target::isReplicated);

            assertThat(redis.killOwnerOf(slot)).isSameAs(target);
            assertThat(redis.ownerOf(slot).cli("GET", "k")).isEqualTo("v");
        }
    }
}
