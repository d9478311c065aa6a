package dev.starling.redis.peer;

import dev.starling.broker.Peers;
import dev.starling.broker.PeersContract;
import dev.starling.broker.Revocations;
import dev.starling.broker.RevocationsContract;
import dev.starling.redis.RedisCluster;
import dev.starling.redis.RedisServer;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;

/**
 * The contracts of what nodes say to each other, with several nodes that share a Redis. The nodes of a nested class serve all
 * of its tests.
 */
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

    @Nested
    @TestInstance(Lifecycle.PER_CLASS)
    final class TwoNodes extends PeersContract {

        @Override
        protected List<Peers> nodes() {
            return group.peers(2, redis.properties(), SMALL_ANSWERS);
        }

        @AfterAll
        void leave() {
            group.close();
        }
    }

    @Nested
    @TestInstance(Lifecycle.PER_CLASS)
    final class ThreeNodes extends PeersContract {

        @Override
        protected List<Peers> nodes() {
            return group.peers(3, redis.properties(), SMALL_ANSWERS);
        }

        @AfterAll
        void leave() {
            group.close();
        }
    }

    @Nested
    @TestInstance(Lifecycle.PER_CLASS)
    final class RefusalsOfTwoNodes extends RevocationsContract {

        @Override
        protected List<Revocations> nodes() {
            return group.revocations(2, redis.properties(), FEW_REFUSALS);
        }

        @AfterAll
        void leave() {
            group.close();
        }
    }

    /** With sharded pub/sub. */
    @Nested
    @Tag("long")
    @TestInstance(Lifecycle.PER_CLASS)
    final class ThreeNodesOfACluster extends PeersContract {

        private final RedisCluster cluster = RedisCluster.start();

        @Override
        protected List<Peers> nodes() {
            return group.peers(3, cluster.properties(), SMALL_ANSWERS);
        }

        @AfterAll
        void leave() {
            group.close();
            cluster.close();
        }
    }

    /** With sharded pub/sub. */
    @Nested
    @Tag("long")
    @TestInstance(Lifecycle.PER_CLASS)
    final class RefusalsOfACluster extends RevocationsContract {

        private final RedisCluster cluster = RedisCluster.start();

        @Override
        protected List<Revocations> nodes() {
            return group.revocations(2, cluster.properties(), FEW_REFUSALS);
        }

        @AfterAll
        void leave() {
            group.close();
            cluster.close();
        }
    }
}
