package dev.starling.loadtest.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Lists and ranges of addresses. */
class SourceRangeTests {

    @Test
    void readsRangesAndSingleAddresses() {
        assertThat(SourceRange.of("127.0.0.254-127.0.1.1,10.0.0.1,::1").addresses())
                .extracting(InetAddress::getHostAddress)
                .containsExactly("127.0.0.254", "127.0.0.255", "127.0.1.0", "127.0.1.1", "10.0.0.1", "0:0:0:0:0:0:0:1");
    }

    @Test
    void addressOfAnotherMachineIsRefusedWithTheCommandThatAddsIt() {
        assertThat(SourceRange.of("127.0.0.1,192.0.2.1").objection())
                .hasValueSatisfying(text -> assertThat(text).contains("ip address add 192.0.2.1"));
        assertThat(SourceRange.of("127.0.0.1").objection()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "localhost", "127.0.0.9-127.0.0.2", "::1-::2", "1.2.3.4-", "5", "1.0.0.0-9.0.0.0"})
    void refusesWhatIsNone(String text) {
        assertThatThrownBy(() -> SourceRange.of(text)).isInstanceOf(IllegalArgumentException.class);
    }
}
