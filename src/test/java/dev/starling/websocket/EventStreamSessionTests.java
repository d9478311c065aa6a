package dev.starling.websocket;

import static org.assertj.core.api.Assertions.assertThat;

import dev.starling.channel.HubOptions;
import dev.starling.protocol.ChannelName;
import dev.starling.protocol.CloseCode;
import dev.starling.protocol.ServerFrame;
import dev.starling.protocol.StreamPosition;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.http.LastHttpContent;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A session whose way out is an event stream. */
final class EventStreamSessionTests {

    private static final Pattern ID = Pattern.compile("(event: gap\n)?id: [a-z0-9]+:(\\d+)\ndata: ");

    private final Wire wire = new Wire();
    private final SessionFixture fixture = new SessionFixture(
            new HubOptions().history("*news", 10_000).dropOldest("lossy:*", 10).hub(), "max-backlog=100KB");
    private final EventStreamHandler handler = new EventStreamHandler();
    private final Session session = session();

    private Session session() {
        wire.channel.pipeline().replace(Frames.DECODER, Frames.DECODER, handler);
        Session made = fixture.session(wire, wire.eventStreamOutbox());
        handler.serve(made);
        return made;
    }

    @AfterEach
    void close() {
        wire.close();
        fixture.close();
    }

    @Test
    void eachMessageIsAtAPlaceToComeBackTo() {
        join("news");

        publish("news", 3);

        assertThat(places()).containsExactly("1", "2", "3");
    }

    @Test
    void whatWasMissedComesFirstAndNothingIsMissing() {
        StreamPosition start = join("news");
        session.leave(new ChannelName("news"));
        publish("news", 1000);

        fixture.hub.recover(new ChannelName("news"), start, session.loop()).subscribe(recovered -> {
            assertThat(session.join(recovered)).isTrue();
            session.resume();
        });
        wire.channel.runPendingTasks();
        publish("news", 5);

        assertThat(places())
                .isEqualTo(
                        LongStream.rangeClosed(1, 1005).mapToObj(Long::toString).toList());
    }

    @Test
    void whatIsGivenUpForASlowReaderIsAGapInThePlaces() {
        join("lossy:news");
        wire.stall();
        session.send(new ServerFrame.GoAway("x".repeat(70_000), 1, 2));
        publish("lossy:news", 25);

        wire.unstall();
        wire.channel.runPendingTasks();

        assertThat(places()).startsWith("gap 15", "16").endsWith("25").hasSize(11);
        assertThat(session.isClosing()).isFalse();
    }

    @Test
    void whoReadsTooSlowlyIsToldSoIfItEverReads() {
        join("news");
        wire.stall();

        for (int i = 0; i < 12 && !session.isClosing(); i++) {
            publish("news", "\"" + "x".repeat(10_000) + "\"");
        }
        assertThat(session.isClosing()).isTrue();
        wire.unstall();

        assertThat(wire.written()).endsWith("event: close\ndata: {\"code\":4001,\"reason\":\"slow_consumer\"}\n\n");
        assertThat(wire.channel.isOpen()).isFalse();
        assertThat(fixture.count("ws.closes", "code", "4001")).isEqualTo(1);
    }

    @Test
    void whoLeavesHasSaidNoCode() {
        wire.channel.pipeline().fireUserEventTriggered(ChannelInputShutdownEvent.INSTANCE);

        assertEnd(1005, "client");
    }

    @Test
    void whoseConnectionBreaksIsLost() {
        wire.channel.pipeline().fireExceptionCaught(new IOException("Connection timed out"));

        assertEnd(1006, "network");
    }

    private void assertEnd(int code, String initiator) {
        assertThat(wire.channel.isOpen()).isFalse();
        assertThat(fixture.closed).hasSize(1).first().satisfies(closed -> {
            assertThat(closed.code()).isEqualTo(code);
            assertThat(closed.initiator()).isEqualTo(initiator);
        });
    }

    /** Reactor Netty ends the response as soon as it is rid of it. */
    @Test
    void theEndOfTheResponseIsKeptFromTheClient() {
        wire.channel.writeOutbound(LastHttpContent.EMPTY_LAST_CONTENT);

        assertThat(wire.written()).isEmpty();
        assertThat(wire.channel.isOpen()).isTrue();
    }

    @Test
    void whatTheClientSaysIsThrownAway() {
        ByteBuf more = Unpooled.copiedBuffer("GET / HTTP/1.1", StandardCharsets.US_ASCII);

        assertThat(wire.channel.writeInbound(more)).isFalse();

        assertThat(more.refCnt()).isZero();
    }

    @Test
    void aFarewellThatNobodyTakesHasItsTime() {
        wire.stall();
        session.close(CloseCode.GOING_AWAY);

        assertThat(wire.channel.isOpen()).isTrue();
        assertThat(session.isOverdue(Node.millis() + 60_000)).isTrue();
    }

    private StreamPosition join(String channel) {
        StreamPosition[] position = new StreamPosition[1];
        fixture.hub.subscribe(new ChannelName(channel), session, session.loop()).subscribe(joined -> {
            assertThat(session.join(joined)).isTrue();
            position[0] = Objects.requireNonNull(joined.position());
        });
        wire.channel.runPendingTasks();
        return position[0];
    }

    private void publish(String channel, int count) {
        for (int i = 1; i <= count; i++) {
            publish(channel, Integer.toString(i));
        }
    }

    private void publish(String channel, String data) {
        fixture.hub
                .publish(new ChannelName(channel), data.getBytes(StandardCharsets.UTF_8), null)
                .block();
        wire.channel.runPendingTasks();
    }

    private List<String> places() {
        return ID.matcher(String.join("", wire.written()))
                .results()
                .map(EventStreamSessionTests::place)
                .toList();
    }

    private static String place(MatchResult found) {
        return (found.group(1) == null ? "" : "gap ") + found.group(2);
    }
}
