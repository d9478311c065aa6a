package dev.starling.channel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.starling.protocol.ChannelName;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

final class ChangeRateTests {

    private static final ChannelName CHANNEL = new ChannelName("c");
    private static final ChannelName OTHER = new ChannelName("d");
    private static final long SECOND = 1_000_000_000;

    private final AtomicLong nanos = new AtomicLong(-5 * SECOND);
    private final ChangeRate rate = new ChangeRate(2, nanos::get);

    @Test
    void soManyOfAChannelPassInASecondAndNoMore() {
        assertThat(rate.take(CHANNEL)).isTrue();
        nanos.addAndGet(SECOND - 1);
        assertThat(rate.take(CHANNEL)).isTrue();
        assertThat(rate.take(CHANNEL)).isFalse();
    }

    @Test
    void eachChannelHasItsOwn() {
        rate.take(CHANNEL);
        rate.take(CHANNEL);

        assertThat(rate.take(OTHER)).isTrue();
    }

    @Test
    void theNextSecondIsAnother() {
        rate.take(CHANNEL);
        rate.take(CHANNEL);
        nanos.addAndGet(SECOND);

        assertThat(rate.take(CHANNEL)).isTrue();
        assertThat(rate.take(CHANNEL)).isTrue();
        assertThat(rate.take(CHANNEL)).isFalse();
    }
}
