package dev.starling.redis.stream;

import dev.starling.broker.Broker;
import dev.starling.broker.BrokerContract;
import dev.starling.redis.RedisCluster;
import dev.starling.redis.RedisServer;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.TestInstance;

/** The contract with several nodes that share a Redis. The nodes of a nested class serve all of its tests. */
final class RedisBrokerContractIT {

    private static RedisServer redis;

    @BeforeAll
    static void startRedis() {
        redis = RedisServer.start();
    }

    @AfterAll
    static void stopRedis() {
        redis.close();
    }

    @Nested
    final class TwoNodes extends Contract {

        @Override
        protected List<Broker> nodes() {
            return start(2, redis.properties());
        }
    }

    @Nested
    final class ThreeNodes extends Contract {

        @Override
        protected List<Broker> nodes() {
            return start(3, redis.properties());
        }
    }

    /** With sharded pub/sub. */
    @Nested
    final class TwoNodesOfACluster extends Contract {

        private final RedisCluster cluster = RedisCluster.start();

        @Override
        protected List<Broker> nodes() {
            return start(2, cluster.properties());
        }

        @Override
        @AfterAll
        void stop() {
            super.stop();
            cluster.close();
        }
    }

    @TestInstance(TestInstance.Lifecycle.PER_CLASS)
    abstract static class Contract extends BrokerContract {

        private final List<BrokerNode> started = new ArrayList<>();

        final List<Broker> start(int nodes, List<String> where) {
            List<String> properties = new ArrayList<>(where);
            properties.addAll(PROPERTIES);
            IntStream.range(0, nodes)
                    .parallel()
                    .mapToObj(i -> BrokerNode.begin(properties))
                    .forEachOrdered(started::add);
            started.forEach(BrokerNode::awaitWell);
            return started.stream().map(BrokerNode::broker).toList();
        }

        @AfterAll
        void stop() {
            started.forEach(BrokerNode::close);
        }
    }
}
