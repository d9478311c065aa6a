package dev.starling.channel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.mock.env.MockEnvironment;
import org.springframework.util.unit.DataSize;

final class ChannelPropertiesTests {

    private static final DataSize BYTES = DataSize.ofMegabytes(128);

    @Test
    void theDefaultsAreInRange() {
        ChannelProperties defaults =
                Binder.get(new MockEnvironment()).bindOrCreate("starling.fanout", ChannelProperties.class);

        assertThat(defaults).isEqualTo(new ChannelProperties(65_536, BYTES));
    }

    @ParameterizedTest
    @ValueSource(ints = {512, 1024, 1_048_576})
    void queuedMessagesAreAPowerOfTwo(int messages) {
        assertThat(new ChannelProperties(messages, BYTES).maxQueuedMessages()).isEqualTo(messages);
    }

    @ParameterizedTest
    @ValueSource(ints = {Integer.MIN_VALUE, -1, 0, 256, 511, 1000, 2_097_152})
    void anotherNumberOfQueuedMessagesIsRefusedWithPropertyValueAndRange(int messages) {
        assertThatThrownBy(() -> new ChannelProperties(messages, BYTES))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("starling.fanout.max-queued-messages is " + messages
                        + ", but must be a power of two between 512 and 1048576");
    }

    @ParameterizedTest
    @ValueSource(strings = {"1MB", "1500KB", "16GB"})
    void queuedBytesAreFromOneMegabyteToSixteenGigabytes(String bytes) {
        DataSize size = DataSize.parse(bytes);

        assertThat(new ChannelProperties(512, size).maxQueuedBytes()).isEqualTo(size);
    }

    @ParameterizedTest
    @CsvSource({
        "-1GB, -1GB",
        "0, 0B",
        "1023KB, 1023KB",
        "1048575B, 1048575B",
        "17179869185B, 17179869185B",
        "17408MB, 17GB"
    })
    void otherQueuedBytesAreRefusedWithPropertyValueAndRange(String bytes, String shown) {
        DataSize size = DataSize.parse(bytes);

        assertThatThrownBy(() -> new ChannelProperties(512, size))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("starling.fanout.max-queued-bytes is " + shown + ", but must be between 1MB and 16GB");
    }
}
