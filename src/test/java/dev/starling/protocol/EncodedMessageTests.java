package dev.starling.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.util.IllegalReferenceCountException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EncodedMessageTests {

    private static final ChannelName CHANNEL = new ChannelName("c");
    private static final int AROUND_DATA = "{\"type\":\"message\",\"channel\":\"c\",\"data\":}".length();

    private final UnpooledByteBufAllocator allocator = new UnpooledByteBufAllocator(true);

    @Test
    void aMessageIsChannelAndDataAsThePublisherWroteIt() {
        EncodedMessage message = message("{ \"a\" : \"ä\" }", 0);
        assertThat(message.payload().toString(StandardCharsets.UTF_8))
                .isEqualTo("{\"type\":\"message\",\"channel\":\"c\",\"data\":{ \"a\" : \"ä\" }}");
        message.release();
    }

    @Test
    void aMessageWithHistoryHasItsOffset() {
        EncodedMessage message = message("1", Long.MAX_VALUE);
        assertThat(message.payload().toString(StandardCharsets.UTF_8))
                .isEqualTo("{\"type\":\"message\",\"channel\":\"c\",\"data\":1,\"offset\":9223372036854775807}");
        message.release();
    }

    @Test
    void anOffsetIsNotNegative() {
        assertThatThrownBy(() -> message("1", -1)).isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest
    @CsvSource({
        "125,   817d",
        "126,   817e007e",
        "65535, 817effff",
        "65536, 817f0000000000010000",
    })
    void theHeaderHasTheSmallestLengthThatFits(int payloadBytes, String header) {
        EncodedMessage message = message("\"" + "x".repeat(payloadBytes - AROUND_DATA - 2) + "\"", 0);

        assertThat(ByteBufUtil.hexDump(message.frame(), 0, message.payloadIndex()))
                .isEqualTo(header);
        assertThat(message.payload().readableBytes()).isEqualTo(payloadBytes);
        assertThat(message.size())
                .isEqualTo(header.length() / 2 + payloadBytes)
                .isEqualTo(message.frame().readableBytes());
        message.release();
    }

    @Test
    void theBytesAreDirectAndNoMoreThanNeeded() {
        EncodedMessage message = message("1", 18);
        assertThat(message.frame().isDirect()).isTrue();
        assertThat(message.frame().capacity()).isEqualTo(message.size());
        message.release();
    }

    @Test
    void theBufferLivesUntilTheLastReceiverIsDone() {
        EncodedMessage message = EncodedMessage.of(CHANNEL, json("1"), 0, PooledByteBufAllocator.DEFAULT);
        ByteBuf delivery = message.frame().retainedDuplicate();
        delivery.skipBytes(delivery.readableBytes());

        assertThat(message.release()).isFalse();
        assertThat(message.refCnt()).isEqualTo(1);
        assertThat(message.frame().readableBytes()).isEqualTo(message.size());
        assertThat(delivery.release()).isTrue();
        assertThatThrownBy(message::retain).isInstanceOf(IllegalReferenceCountException.class);
    }

    @Test
    void referencesAreCountedAsNettyDoes() {
        EncodedMessage message = message("1", 0);
        assertThat(message.retain().retain(2).touch().touch("here").refCnt()).isEqualTo(4);
        assertThat(message.release(3)).isFalse();
        assertThat(message.release()).isTrue();
        assertThat(allocator.metric().usedDirectMemory()).isZero();
    }

    private EncodedMessage message(String data, long offset) {
        return EncodedMessage.of(CHANNEL, json(data), offset, allocator);
    }

    private static byte[] json(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
