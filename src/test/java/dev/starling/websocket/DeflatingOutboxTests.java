package dev.starling.websocket;

import static org.assertj.core.api.Assertions.assertThat;

import dev.starling.channel.ChannelHub;
import dev.starling.channel.FreshHub;
import dev.starling.protocol.ChannelName;
import dev.starling.protocol.FrameCodec;
import dev.starling.protocol.FrameLimits;
import dev.starling.protocol.ServerFrame;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class DeflatingOutboxTests {

    private static final ChannelName CHANNEL = new ChannelName("c");

    private final Wire wire = new Wire();
    private final Outbox outbox = wire.deflatingOutbox();

    @AfterEach
    void close() {
        wire.close();
    }

    /** So that the length of the frame takes 7, 16 and 64 bits. */
    @ParameterizedTest
    @ValueSource(ints = {1, 60, 100, 200, 60_000, 65_460, 65_600, 200_000})
    void aFrameGoesToTheCompressionWithoutItsHeader(int length) {
        String reason = "x".repeat(length);

        ServerFrame frame = new ServerFrame.GoAway(reason, 1, 2);
        outbox.send(frame, new FrameCodec(FrameLimits.DEFAULT).encode(frame, UnpooledByteBufAllocator.DEFAULT));

        assertThat(wire.written())
                .containsExactly("TextWebSocketFrame:{\"type\":\"goaway\",\"reason\":\"" + reason
                        + "\",\"reconnectAfter\":1,\"closeBy\":2}");
        assertThat(wire.encoded()).isEqualTo(1);
    }

    @Test
    void aBatchIsOneTextFramePerMessageAndOneFlush() {
        ChannelHub hub = FreshHub.inMemory();
        for (int i = 0; i < 4; i++) {
            hub.subscribe(CHANNEL, i == 0 ? outbox::send : batch -> {}, wire.channel.eventLoop())
                    .subscribe();
        }

        hub.publish(CHANNEL, new byte[] {'1'}, null).subscribe();
        hub.publish(CHANNEL, new byte[] {'2'}, null).subscribe();
        wire.channel.runPendingTasks();

        assertThat(wire.flushes()).isEqualTo(1);
        assertThat(wire.written())
                .containsExactly(
                        "TextWebSocketFrame:{\"type\":\"message\",\"channel\":\"c\",\"data\":1}",
                        "TextWebSocketFrame:{\"type\":\"message\",\"channel\":\"c\",\"data\":2}");
    }

    /** RFC 7692, section 6.1: control frames are not compressed. */
    @Test
    void controlFramesPassTheCompression() {
        ByteBuf payload = Unpooled.copiedBuffer("beat", StandardCharsets.US_ASCII);

        outbox.sendControl(Frames.ping());
        outbox.sendControl(Frames.pong(UnpooledByteBufAllocator.DEFAULT, payload));

        assertThat(wire.written()).containsExactly("\u0089\0", "\u008a\4beat");
        assertThat(wire.encoded()).isZero();
        assertThat(wire.flushes()).isEqualTo(2);
    }
}
