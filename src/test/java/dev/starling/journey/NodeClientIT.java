package dev.starling.journey;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** The clients that are already out there, on npm's {@code ws}. */
class NodeClientIT {

    private static final Duration BOUND = Duration.ofSeconds(20);

    @Test
    void twoOfThreeClientsGetTheMessageOnceAndOnlyOnce() {
        NodeRuntime node = NodeRuntime.get();
        try (NodeRuntime.Script script = node.run("three-clients.js", address(StandardServer.get()), "open:three")) {
            assertThat(script.awaitSuccess(BOUND)).isEqualTo("{\"deliveries\":[1,1]}");
        }
    }

    @Test
    void plainClientReceivesAgainAfterTheServerWasRestarted() {
        NodeRuntime node = NodeRuntime.get();
        ServerLaunch launch = ServerLaunch.with();
        try (ServerProcess before = launch.start();
                NodeRuntime.Script plain = node.run("plain-client.js", address(before), "open:plain", "200")) {
            plain.output().await(line -> line.contains("\"pong\""), BOUND);
            publish(before, 1);
            plain.output().await(line -> line.contains("\"data\":1"), BOUND);

            before.signal("TERM");
            before.awaitExit(BOUND);
            assertThat(plain.output().await(line -> line.contains("\"close\""), BOUND))
                    .contains("1001", "Server shutting down");

            try (ServerProcess after = launch.start()) {
                publishUntilHeard(after, plain);
            }
        }
    }

    /** The client does not say when its subscription stands, so the message is sent until it is there. */
    private static void publishUntilHeard(ServerProcess server, NodeRuntime.Script plain) {
        Awaitility.await().atMost(BOUND).until(() -> {
            publish(server, 2);
            return plain.output().lines().stream().anyMatch(line -> line.contains("\"data\":2"));
        });
    }

    private static void publish(ServerProcess server, int data) {
        try (ClientSession session = ClientSession.subscribed(server, "open:plain")) {
            session.publish("open:plain", Integer.toString(data)).awaitData();
        }
    }

    /** Where a client without headers finds the server, with a token in the query. */
    static String address(ServerProcess server) {
        return server.socket() + "?access_token=" + Tokens.standard().sign();
    }
}
