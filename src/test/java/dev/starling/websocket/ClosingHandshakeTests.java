package dev.starling.websocket;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PingWebSocketFrame;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class ClosingHandshakeTests {

    private final EmbeddedChannel channel = new EmbeddedChannel(ClosingHandshake.INSTANCE);

    @AfterEach
    void close() {
        channel.finishAndReleaseAll();
    }

    @Test
    void whatStillComesIsThrownAway() {
        WebSocketFrame text = new TextWebSocketFrame("late");
        WebSocketFrame ping = new PingWebSocketFrame(Unpooled.buffer().writeByte(1));

        channel.writeInbound(text, ping);

        assertThat(channel.isOpen()).isTrue();
        assertThat(channel.<Object>readInbound()).isNull();
        assertThat(text.refCnt()).isZero();
        assertThat(ping.refCnt()).isZero();
    }

    @Test
    void theClientsCloseFrameEndsTheConnection() {
        CloseWebSocketFrame answer = new CloseWebSocketFrame(1001, "bye");

        channel.writeInbound(answer);

        assertThat(channel.isOpen()).isFalse();
        assertThat(answer.refCnt()).isZero();
        assertThat(channel.<ByteBuf>readOutbound())
                .as("the server's close frame went out before")
                .isSameAs(Unpooled.EMPTY_BUFFER);
    }

    @Test
    void aFaultEndsTheConnectionWithoutAWord() {
        channel.pipeline().fireExceptionCaught(new IllegalStateException("as the test wants it"));

        assertThat(channel.isOpen()).isFalse();
        channel.checkException();
    }
}
