package dev.starling.redis;

import dev.starling.broker.Peers;
import dev.starling.broker.PeersContract;
import dev.starling.broker.Revocations;
import dev.starling.broker.RevocationsContract;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;

/** The contracts of what nodes say to each other, with several nodes that share a Redis. */
final class RedisPeersContractIT {

    private static final String SMALL_ANSWERS = "starling.nodes.max-answer=" + PeersContract.MAX_ANSWER + "B";
    private static final String FEW_REFUSALS = "starling.security.max-refusals=" + RevocationsContract.MOST;

    private static RedisServer redis;

    private final PeerGroup group = new PeerGroup();

    @BeforeAll
    static void startRedis() {
        redis = RedisServer.start();
    }

    @AfterAll
    static void stopRedis() {
        redis.close();
    }

    @AfterEach
    void leave() {
        group.close();
        redis.cli("FLUSHALL");
    }

    @Nested
    final class TwoNodes extends PeersContract {

        @Override
        protected List<Peers> nodes() {
            return group.peers(2, redis.properties(), SMALL_ANSWERS);
        }
    }

    @Nested
    final class ThreeNodes extends PeersContract {

        @Override
        protected List<Peers> nodes() {
            return group.peers(3, redis.properties(), SMALL_ANSWERS);
        }
    }

    @Nested
    final class RefusalsOfTwoNodes extends RevocationsContract {

        @Override
        protected List<Revocations> nodes() {
            return group.revocations(2, redis.properties(), FEW_REFUSALS);
        }
    }

    /** With sharded pub/sub. */
    @Nested
    @Tag("long")
    final class ThreeNodesOfACluster extends PeersContract {

        private static RedisCluster cluster;

        @BeforeAll
        static void startRedis() {
            cluster = RedisCluster.start();
        }

        @AfterAll
        static void stopRedis() {
            cluster.close();
        }

        @Override
        protected List<Peers> nodes() {
            return group.peers(3, cluster.properties(), SMALL_ANSWERS);
        }
    }

    /** With sharded pub/sub. */
    @Nested
    @Tag("long")
    final class RefusalsOfACluster extends RevocationsContract {

        private static RedisCluster cluster;

        @BeforeAll
        static void startRedis() {
            cluster = RedisCluster.start();
        }

        @AfterAll
        static void stopRedis() {
            cluster.close();
        }

        @AfterEach
        void forget() {
            cluster.servers().forEach(server -> server.cli("FLUSHALL"));
        }

        @Override
        protected List<Revocations> nodes() {
            return group.revocations(2, cluster.properties(), FEW_REFUSALS);
        }
    }
}
