package dev.starling.local;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;

/** What a client writes, as bytes on the heap outside of any pool. */
final class ClientFrames {

    private static final int FIN_TEXT = 0x81;
    private static final int FIN_PONG = 0x8a;
    private static final int MASKED = 0x80;
    private static final int SHORT = 125;
    private static final int NO_MASK = 0; // four zero bytes are a mask like any other

    private ClientFrames() {}

    static ByteBuf upgrade(String token) {
        return Unpooled.copiedBuffer(
                "GET /ws HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                        + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
                        + "Authorization: Bearer " + token + "\r\n\r\n",
                StandardCharsets.ISO_8859_1);
    }

    static ByteBuf subscribe(String channel) {
        String json = "{\"type\":\"subscribe\",\"channel\":\"" + channel + "\"}";
        if (json.length() > SHORT) {
            throw new IllegalArgumentException("a longer frame than this writes");
        }
        ByteBuf frame = Unpooled.buffer(json.length() + 6);
        frame.writeByte(FIN_TEXT).writeByte(MASKED | json.length()).writeInt(NO_MASK);
        frame.writeCharSequence(json, StandardCharsets.ISO_8859_1);
        return frame;
    }

    static ByteBuf pong() {
        return Unpooled.buffer(6).writeByte(FIN_PONG).writeByte(MASKED).writeInt(NO_MASK);
    }
}
