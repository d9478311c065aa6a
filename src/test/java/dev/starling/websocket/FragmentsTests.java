package dev.starling.websocket;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

final class FragmentsTests {

    private final Inbound.Fragments fragments = new Inbound.Fragments();

    @Test
    void thePartsMakeTheMessageInTheirOrder() {
        assertThat(add("{\"type\":", 100)).isTrue();
        assertThat(add("", 100)).isTrue();
        assertThat(add("\"ping\"}", 100)).isTrue();

        assertThat(fragments.message().toString(StandardCharsets.UTF_8)).isEqualTo("{\"type\":\"ping\"}");
    }

    @Test
    void aCharacterMayBeCutInTwo() {
        byte[] umlaut = "ä".getBytes(StandardCharsets.UTF_8);

        fragments.add(Unpooled.wrappedBuffer(umlaut, 0, 1), 100);
        fragments.add(Unpooled.wrappedBuffer(umlaut, 1, 1), 100);

        assertThat(fragments.message().toString(StandardCharsets.UTF_8)).isEqualTo("ä");
    }

    @Test
    void thePartsAreCopiedAndLeftAsTheyWere() {
        ByteBuf part = Unpooled.directBuffer()
                .writeBytes("xxping".getBytes(StandardCharsets.US_ASCII))
                .skipBytes(2);

        fragments.add(part, 100);

        assertThat(part.readerIndex()).isEqualTo(2);
        assertThat(part.release()).isTrue();
        assertThat(fragments.message().toString(StandardCharsets.US_ASCII)).isEqualTo("ping");
    }

    @Test
    void aMessageMayBeAsLongAsTheLimitAndNoLonger() {
        assertThat(add("x".repeat(60), 100)).isTrue();
        assertThat(add("x".repeat(40), 100)).isTrue();
        assertThat(add("", 100)).isTrue();
        assertThat(add("x", 100)).isFalse();
        assertThat(fragments.message().readableBytes()).isEqualTo(100);
    }

    @Test
    void aMessageInTooManyPartsIsRefusedEvenIfTheyAreEmpty() {
        for (int i = 0; i < 1024; i++) {
            assertThat(add("", 100)).isTrue();
        }
        assertThat(add("", 100)).isFalse();
    }

    private boolean add(String part, long maxBytes) {
        return fragments.add(Unpooled.copiedBuffer(part, StandardCharsets.UTF_8), maxBytes);
    }
}
