package dev.starling.websocket;

import static org.assertj.core.api.Assertions.assertThat;

import dev.starling.channel.ChannelSubscription;
import dev.starling.protocol.ChannelName;
import dev.starling.protocol.CloseCode;
import dev.starling.protocol.Member;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A session is present where it is subscribed, however it comes and goes. */
final class SessionPresenceTests {

    private static final ChannelName ROOM = new ChannelName("room:1");
    private static final ChannelName ELSEWHERE = new ChannelName("c");

    private final Wire wire = new Wire();
    private final SessionFixture fixture = new SessionFixture();
    private final Session session = fixture.session(wire, wire.outbox());

    @AfterEach
    void close() {
        wire.close();
        fixture.close();
    }

    @Test
    void isPresentUnderItsNameAsLongAsItIsSubscribed() {
        session.join(subscription(ROOM));

        assertThat(present()).extracting(Member::user).containsExactly("ann");
        assertThat(present()).extracting(Member::connection).containsExactly(session.id());

        session.leave(ROOM);
        assertThat(present()).isEmpty();
    }

    @Test
    void isPresentInNoChannelThatDoesNotKeepIt() {
        session.join(subscription(ELSEWHERE));

        assertThat(fixture.presence.isKept(ELSEWHERE)).isFalse();
        session.leave(ELSEWHERE);
    }

    @Test
    void isGoneWhenItIsSentAway() {
        session.join(subscription(ROOM));

        session.close(CloseCode.GOING_AWAY);

        assertThat(present()).isEmpty();
    }

    @Test
    void isGoneWhenItsConnectionIs() {
        session.join(subscription(ROOM));

        session.cut(Closing.DEAD);

        assertThat(present()).isEmpty();
    }

    @Test
    void doesNotComeAnyMoreWhenItIsClosing() {
        ChannelSubscription late = subscription(ROOM);
        session.close(CloseCode.NORMAL);

        session.join(late);

        assertThat(present()).isEmpty();
    }

    private ChannelSubscription subscription(ChannelName channel) {
        return Objects.requireNonNull(
                fixture.hub.subscribe(channel, session, session.loop()).block());
    }

    private List<Member> present() {
        return Objects.requireNonNull(fixture.presence.read(null, ROOM).block()).members();
    }
}
