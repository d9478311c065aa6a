package dev.starling.redis.peer;

import dev.starling.broker.Peers;
import dev.starling.broker.Revocations;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** Nodes of one Redis that know each other. */
final class PeerGroup implements AutoCloseable {

    private final List<PeerNode> started = new ArrayList<>();

    /** Starts some that are called node-0, node-1… */
    List<PeerNode> start(int nodes, List<String> redis, String... more) {
        IntStream.range(0, nodes)
                .parallel()
                .mapToObj(i -> PeerNode.begin("node-" + i, redis, more))
                .forEachOrdered(started::add);
        PeerNode.awaitTogether(started);
        return List.copyOf(started);
    }

    List<Peers> peers(int nodes, List<String> redis, String... more) {
        return start(nodes, redis, more).stream().map(PeerNode::peers).toList();
    }

    List<Revocations> revocations(int nodes, List<String> redis, String... more) {
        return start(nodes, redis, more).stream().map(PeerNode::revocations).toList();
    }

    /** One more. */
    PeerNode join(String name, List<String> redis, String... more) {
        PeerNode node = PeerNode.begin(name, redis, more);
        started.add(node);
        PeerNode.awaitTogether(started);
        return node;
    }

    @Override
    public void close() {
        started.forEach(PeerNode::close);
    }
}
