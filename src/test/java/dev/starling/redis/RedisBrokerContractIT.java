package dev.starling.redis;

import dev.starling.broker.Broker;
import dev.starling.broker.BrokerContract;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;

/** The contract with several nodes that share a Redis. */
final class RedisBrokerContractIT {

    private static RedisServer redis;

    private final List<BrokerNode> started = new ArrayList<>();

    @BeforeAll
    static void startRedis() {
        redis = RedisServer.start();
    }

    @AfterAll
    static void stopRedis() {
        redis.close();
    }

    @AfterEach
    void closeTheNodes() {
        started.forEach(BrokerNode::close);
        redis.cli("FLUSHALL");
    }

    private List<Broker> start(int nodes, List<String> where) {
        List<String> properties = new ArrayList<>(where);
        properties.addAll(BrokerContract.PROPERTIES);
        IntStream.range(0, nodes)
                .parallel()
                .mapToObj(i -> BrokerNode.begin(properties))
                .forEachOrdered(started::add);
        started.forEach(BrokerNode::awaitWell);
        return started.stream().map(BrokerNode::broker).toList();
    }

    @Nested
    final class TwoNodes extends BrokerContract {

        @Override
        protected List<Broker> nodes() {
            return start(2, redis.properties());
        }
    }

    @Nested
    final class ThreeNodes extends BrokerContract {

        @Override
        protected List<Broker> nodes() {
            return start(3, redis.properties());
        }
    }

    /** With sharded pub/sub. */
    @Nested
    final class TwoNodesOfACluster extends BrokerContract {

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
        void empty() {
            cluster.servers().forEach(server -> server.cli("FLUSHALL"));
        }

        @Override
        protected List<Broker> nodes() {
            return start(2, cluster.properties());
        }
    }
}
