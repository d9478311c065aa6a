package dev.starling.websocket;

import static org.assertj.core.api.Assertions.assertThat;

import dev.starling.channel.ChannelHub;
import dev.starling.channel.FreshHub;
import dev.starling.channel.Receiver;
import dev.starling.protocol.ChannelName;
import dev.starling.protocol.CloseCode;
import dev.starling.protocol.EncodedMessage;
import dev.starling.protocol.ErrorCode;
import dev.starling.protocol.FrameCodec;
import dev.starling.protocol.FrameLimits;
import dev.starling.protocol.ServerFrame;
import dev.starling.protocol.StreamPosition;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class EventStreamOutboxTests {

    private static final ChannelName CHANNEL = new ChannelName("c");
    private static final FrameCodec CODEC = new FrameCodec(FrameLimits.DEFAULT);

    private final Wire wire = new Wire();
    private final EventStreamOutbox outbox = wire.eventStreamOutbox();
    private final ChannelHub hub = FreshHub.inMemory();

    @AfterEach
    void close() {
        wire.close();
    }

    @Test
    void aFrameIsTheDataOfAnEventThatIsCalledAsIt() {
        send(new ServerFrame.Failure(ErrorCode.BROKER_UNAVAILABLE, "away", null, null, CHANNEL));

        assertThat(wire.written())
                .containsExactly(
                        "event: error\ndata: {\"type\":\"error\",\"code\":109,\"error\":\"broker_unavailable\","
                                + "\"message\":\"away\",\"retry\":true,\"channel\":\"c\"}\n\n");
        assertThat(wire.flushes()).isEqualTo(1);
        assertThat(wire.encoded()).isZero();
    }

    /** So whoever is cut off before the first message can come back. */
    @Test
    void thePositionOfASubscriptionIsAnIdAlready() {
        send(new ServerFrame.Subscribed(null, CHANNEL, new StreamPosition("e", 7), null));

        assertThat(wire.written()).containsExactly("""
                        event: subscribed
                        id: e:7
                        data: {"type":"subscribed","channel":"c","epoch":"e","offset":7}

                        """);
    }

    @Test
    void welcomeSpreadsThoseWhoComeBackAndGoawayDoesSoWithinASecond() {
        for (int i = 0; i < 100; i++) {
            send(new ServerFrame.Welcome("id", "n", 1, 2, null, null));
            send(new ServerFrame.GoAway("shutdown", 3, 4));
        }

        List<Long> retries = wire.written().stream()
                .map(event -> event.split("\n", -1)[1])
                .map(line -> Long.parseLong(line.substring("retry: ".length())))
                .toList();
        for (int i = 0; i < retries.size(); i += 2) {
            assertThat(retries.get(i)).isBetween(1000L, 2000L);
            assertThat(retries.get(i + 1)).isBetween(250L, 750L);
        }
        assertThat(retries.stream().distinct().count()).as("drawn at random").isGreaterThan(100);
    }

    @Test
    void aBatchIsOneWriteAndOneFlush() {
        join(outbox::send);

        publish("1", "{\n}");

        assertThat(wire.written()).containsExactly("""
                        data: {"type":"message","channel":"c","data":1}

                        data: {"type":"message","channel":"c","data":{
                        data: }}

                        """);
        assertThat(wire.flushes()).isEqualTo(1);
        assertThat(wire.encoded()).isZero();
    }

    @Test
    void allStreamsOfALoopShareWhatWasWrittenOnce() {
        List<ByteBuf> made = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            join(batch -> {
                outbox.send(batch);
                made.add(batch.convertedBy(same -> {
                    throw new AssertionError("made twice");
                }));
            });
        }

        publish("1");

        assertThat(made).hasSize(5);
        assertThat(made.stream().distinct()).hasSize(1);
        assertThat(wire.written()).hasSize(5);
        assertThat(made.get(0).refCnt()).as("references once all is out").isZero();
    }

    @Test
    void whatWaitedIsWrittenWithThePositionThatItLeadsTo() {
        StreamPosition after = new StreamPosition("e", 9);
        EncodedMessage message = EncodedMessage.of(
                CHANNEL, "1".getBytes(StandardCharsets.US_ASCII), 9, UnpooledByteBufAllocator.DEFAULT);
        EncodedMessage gap = EncodedMessage.of(new ServerFrame.Gap(CHANNEL, 3, 9), UnpooledByteBufAllocator.DEFAULT);

        write(message, after);
        write(gap, after);
        write(gap, null);
        outbox.flush();

        assertThat(wire.written())
                .containsExactly(
                        "id: e:9\ndata: {\"type\":\"message\",\"channel\":\"c\",\"data\":1,\"offset\":9}\n\n",
                        "event: gap\nid: e:9\ndata: {\"type\":\"gap\",\"channel\":\"c\",\"from\":3,\"to\":9}\n\n",
                        "event: gap\ndata: {\"type\":\"gap\",\"channel\":\"c\",\"from\":3,\"to\":9}\n\n");
        assertThat(message.release() && gap.release()).as("last references").isTrue();
    }

    private void write(EncodedMessage frame, @Nullable StreamPosition after) {
        outbox.write(frame, after);
    }

    @Test
    void aPingIsACommentAndItsAnswerThatItIsTaken() {
        Liveness liveness = new Liveness(0, 0);
        long now = TimeUnit.SECONDS.toNanos(40);
        wire.stall();
        assertThat(liveness.ping(now, 30_000)).isTrue();

        outbox.ping(liveness, now);
        assertThat(liveness.isAsked()).as("it waits").isTrue();
        wire.unstall();

        assertThat(liveness.isAsked()).isFalse();
        assertThat(wire.written()).containsExactly(":\n");
    }

    @Test
    void theLastEventSaysWhyAndEndsTheStream() {
        outbox.close(CloseCode.SLOW_CONSUMER);

        assertThat(wire.written())
                .containsExactly("event: close\ndata: {\"code\":4001,\"reason\":\"slow_consumer\"}\n\n");
        assertThat(wire.channel.isOpen()).isFalse();
    }

    @Test
    void noReasonNeedsAnEscape() {
        for (CloseCode code : CloseCode.values()) {
            assertThat(code.reason()).matches("[ -~&&[^\"\\\\]]+");
        }
    }

    private void send(ServerFrame frame) {
        outbox.send(frame, CODEC.encode(frame, UnpooledByteBufAllocator.DEFAULT));
    }

    private void join(Receiver receiver) {
        hub.subscribe(CHANNEL, receiver, wire.channel.eventLoop()).subscribe();
    }

    private void publish(String... data) {
        for (String one : data) {
            hub.publish(CHANNEL, one.getBytes(StandardCharsets.US_ASCII), null).subscribe();
        }
        wire.channel.runPendingTasks();
    }
}
