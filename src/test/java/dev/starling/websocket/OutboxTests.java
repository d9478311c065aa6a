package dev.starling.websocket;

import static org.assertj.core.api.Assertions.assertThat;

import dev.starling.channel.ChannelHub;
import dev.starling.channel.FreshHub;
import dev.starling.channel.Receiver;
import dev.starling.protocol.ChannelName;
import dev.starling.protocol.ServerFrame;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class OutboxTests {

    private static final ChannelName CHANNEL = new ChannelName("c");
    private static final String TEXT = "{\"type\":\"message\",\"channel\":\"c\",\"data\":1}";
    private static final String ONE = "\u0081" + (char) TEXT.length() + TEXT;
    private static final String TWO = ONE.replace(":1}", ":2}");

    /** What is written is the bytes, whatever they say. */
    private static final ServerFrame PONG = new ServerFrame.Pong(null, 0);

    private final Wire wire = new Wire();
    private final Outbox outbox = wire.outbox();
    private final ChannelHub hub = FreshHub.inMemory();

    @AfterEach
    void close() {
        wire.close();
    }

    @Test
    void aFrameGoesOutAtOnceAndPastTheEncoder() {
        ByteBuf frame = Unpooled.copiedBuffer("frame", StandardCharsets.US_ASCII);

        outbox.send(PONG, frame);

        assertThat(wire.written()).containsExactly("frame");
        assertThat(wire.encoded()).isZero();
        assertThat(wire.flushes()).isEqualTo(1);
        assertThat(frame.refCnt()).as("the outbox took the reference over").isZero();
    }

    @Test
    void answersToOneReadLeaveInOneFlush() {
        outbox.beginRead();
        outbox.send(PONG, frame("one"));
        outbox.sendControl(frame("two"));
        assertThat(wire.flushes()).isZero();

        outbox.endRead();

        assertThat(wire.flushes()).isEqualTo(1);
        assertThat(wire.written()).containsExactly("one", "two");
    }

    @Test
    void aReadWithoutAnswersIsNoFlush() {
        outbox.beginRead();
        outbox.endRead();

        assertThat(wire.flushes()).isZero();
    }

    @Test
    void aLongReadDoesNotHoldBackItsAnswersForEver() {
        outbox.beginRead();
        for (int i = 0; i < Outbox.MOST_HELD; i++) {
            outbox.send(PONG, frame("answer"));
        }

        assertThat(wire.flushes()).isEqualTo(1);
        assertThat(wire.written()).hasSize(Outbox.MOST_HELD);
    }

    @Test
    void aMessageThatComesDuringAReadTakesTheAnswersAlong() {
        join(outbox::send);
        outbox.beginRead();
        outbox.send(PONG, frame("answer"));

        publish("1");
        assertThat(wire.flushes()).isEqualTo(1);
        outbox.endRead();

        assertThat(wire.flushes()).isEqualTo(1);
        assertThat(wire.written()).containsExactly("answer", ONE);
    }

    private static ByteBuf frame(String text) {
        return Unpooled.copiedBuffer(text, StandardCharsets.US_ASCII);
    }

    @Test
    void aBatchIsOneFlush() {
        join(outbox::send);

        publish("1", "2");

        assertThat(wire.written()).containsExactly(ONE, TWO);
        assertThat(wire.flushes()).isEqualTo(1);
        assertThat(wire.encoded()).isZero();
    }

    @Test
    void aJoinedBatchIsOneWrite() {
        join(outbox::send);
        for (int i = 0; i < 3; i++) {
            join(batch -> {});
        }

        publish("1", "2");

        assertThat(wire.written()).containsExactly(ONE + TWO);
        assertThat(wire.flushes()).isEqualTo(1);
    }

    @Test
    void whatIsWrittenIsOfTheOutboxAloneAndReleasedOnceItIsOut() {
        List<ByteBuf> frames = new ArrayList<>();
        join(batch -> {
            outbox.send(batch);
            for (int i = 0; i < batch.count(); i++) {
                frames.add(batch.message(i).frame());
            }
        });

        publish("1", "2");
        assertThat(frames)
                .hasSize(2)
                .allSatisfy(frame -> assertThat(frame.refCnt()).isEqualTo(1));
        wire.written();

        assertThat(frames).allSatisfy(frame -> assertThat(frame.refCnt()).isZero());
    }

    @Test
    void itKnowsHowMuchWaitsForTheClient() {
        wire.stall();
        outbox.send(PONG, Unpooled.buffer().writeZero(1_000));
        outbox.send(PONG, Unpooled.buffer().writeZero(500));

        assertThat(outbox.pendingBytes()).isBetween(1_500L, 1_500L + 2 * 96);
    }

    @Test
    void toAClosedConnectionNothingIsWrittenAndNothingLeaks() {
        ByteBuf frame = Unpooled.copiedBuffer("frame", StandardCharsets.US_ASCII);
        wire.channel.close();

        outbox.send(PONG, frame);

        assertThat(frame.refCnt()).isZero();
        assertThat(outbox.pendingBytes()).isZero();
        assertThat(wire.written()).isEmpty();
    }

    private void join(Receiver receiver) {
        hub.subscribe(CHANNEL, receiver, wire.channel.eventLoop()).subscribe();
    }

    private void publish(String... data) {
        for (String each : data) {
            hub.publish(CHANNEL, each.getBytes(StandardCharsets.UTF_8), null).subscribe();
        }
        wire.channel.runPendingTasks();
    }
}
