package dev.starling.journey;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The peer of the benchmark serves the clients that Starling serves; else the two would not be compared in the same work. */
class NodePeerIT {

    private static final Duration BOUND = Duration.ofSeconds(20);

    @ParameterizedTest
    @ValueSource(strings = {"--frame-each", "--frame-once"})
    void threeClientsGetTheMessageOnceAndOnlyOnce(String framing) {
        NodeRuntime node = NodeRuntime.get();
        try (NodeRuntime.Script peer = node.run("peer.js", "0", framing);
                NodeRuntime.Script clients = node.run("three-clients.js", address(peer), "three")) {
            assertThat(clients.awaitSuccess(BOUND)).isEqualTo("{\"deliveries\":[1,1]}");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"--frame-each", "--frame-once"})
    void peerAnswersPingsAndBroadcastsAcrossItsConnections(String framing) {
        NodeRuntime node = NodeRuntime.get();
        try (NodeRuntime.Script peer = node.run("peer.js", "0", framing);
                NodeRuntime.Script plain = node.run("plain-client.js", address(peer), "three", "200")) {
            plain.output().await(line -> line.contains("\"pong\""), BOUND);
            try (NodeRuntime.Script clients = node.run("three-clients.js", address(peer), "three")) {
                clients.awaitSuccess(BOUND);
            }
            plain.output().await(line -> line.contains("\"marker\""), BOUND);
        }
    }

    /** As often as Starling does, and cutting whom it would cut: else only one of the two would do that work while it is measured. */
    @Test
    void peerPingsTheSilentAndCutsWhoDoesNotAnswer() {
        NodeRuntime node = NodeRuntime.get();
        try (NodeRuntime.Script peer = node.run("peer.js", "0", "--heartbeat=600");
                NodeRuntime.Script client = node.run("silent-client.js", address(peer))) {
            assertThat(client.awaitSuccess(BOUND)).isEqualTo("{\"pings\":3,\"cut\":true}");
        }
    }

    private static String address(NodeRuntime.Script peer) {
        String line = peer.output().await(text -> text.contains("\"port\""), BOUND);
        return "ws://127.0.0.1:" + line.replaceAll(".*\"port\":(\\d+).*", "$1") + "/ws";
    }
}
