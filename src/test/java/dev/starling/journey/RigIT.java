package dev.starling.journey;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.http.HttpClient;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** The rig tells a server that works from one that does not. */
class RigIT {

    private static final Duration BOUND = Duration.ofSeconds(30);

    @Test
    void threeClientsAreContentWithOneCopy() {
        try (FakeServer server = new FakeServer(1);
                NodeRuntime.Script script = threeClients(server)) {
            assertThat(script.awaitSuccess(BOUND)).isEqualTo("{\"deliveries\":[1,1]}");
        }
    }

    @Test
    void threeClientsSeeASecondCopy() {
        try (FakeServer server = new FakeServer(2);
                NodeRuntime.Script script = threeClients(server)) {
            assertThat(script.awaitSuccess(BOUND)).isEqualTo("{\"deliveries\":[2,2]}");
        }
    }

    @Test
    void threeClientsDoNotWaitForeverForAMessageThatIsLost() {
        try (FakeServer server = new FakeServer(0);
                NodeRuntime.Script script = threeClients(server)) {
            assertThatThrownBy(() -> script.awaitSuccess(BOUND)).hasMessageContaining("no end after 2 seconds");
        }
    }

    @Test
    void rawClientAndSessionHearEachOther() {
        try (FakeServer server = new FakeServer(1);
                RawClient raw = RawClient.open(server.port(), "any");
                ClientSession session = ClientSession.open(HttpClient.newHttpClient(), server.address(), "any")) {
            session.subscribe("c");
            raw.send("{\"type\":\"publish\",\"channel\":\"c\",\"data\":7}");
            assertThat(session.awaitData().asInt()).isEqualTo(7);

            raw.send("{\"type\":\"subscribe\",\"channel\":\"c\"}").awaitText("\"subscribed\"");
            session.publish("c", "8");
            assertThat(raw.awaitText("\"message\"")).contains("\"data\":8");
            assertThat(session.awaitData().asInt()).isEqualTo(8);
        }
    }

    @Test
    void frameThatIsNoFrameEndsTheConnection() {
        try (FakeServer server = new FakeServer(1);
                RawClient raw = RawClient.open(server.port(), "any")) {
            raw.send(RawFrame.text("x").unmasked());

            assertThat(raw.awaitClose().closeCode()).isEqualTo(1002);
        }
    }

    @Test
    void waitForWhatDoesNotComeEnds() {
        Inbox inbox = new Inbox();
        inbox.add("one");

        assertThatThrownBy(() -> inbox.take(text -> text.equals("two"), Duration.ofMillis(50)))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("one");
    }

    private static NodeRuntime.Script threeClients(FakeServer server) {
        return NodeRuntime.get().run("three-clients.js", server.address().toString(), "c", "2");
    }
}
