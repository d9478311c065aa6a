package dev.starling.websocket;

import static org.assertj.core.api.Assertions.assertThat;

import dev.starling.channel.FreshHub;
import dev.starling.protocol.CloseCode;
import dev.starling.security.TestPermissions;
import dev.starling.security.TestVerifier;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Who is refused while an upgrade is under way is not among those whose connections are ended for that. */
final class RefusedWhileConnectingTests {

    private final Wire wire = new Wire();
    private final SessionFixture fixture = new SessionFixture();
    private final Session session = fixture.session(wire, wire.outbox());
    private String refused = "nobody";
    private final FrameDispatcher dispatcher = new FrameDispatcher(
            fixture.node,
            FreshHub.history(),
            TestPermissions.none(),
            TestVerifier.refusing(token -> token.user().equals(refused)),
            new TokenClock(Duration.ZERO));

    @AfterEach
    void close() {
        wire.close();
        fixture.close();
    }

    @Test
    void goodbyeIsTheFirstThatItHears() {
        refused = "ann";

        dispatcher.welcome(session);

        assertThat(session.isClosing()).isTrue();
        assertThat(wire.written()).singleElement().asString().startsWith("CloseWebSocketFrame:");
        wire.channel.close();
        assertThat(fixture.count("ws.closes", "code", String.valueOf(CloseCode.REVOKED.code())))
                .isEqualTo(1);
    }

    @Test
    void allOthersAreWelcome() {
        dispatcher.welcome(session);

        assertThat(session.isClosing()).isFalse();
        assertThat(wire.written()).singleElement().asString().contains("\"welcome\"");
    }
}
