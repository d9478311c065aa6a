package dev.starling.redis.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.mock.env.MockEnvironment;

final class RedisPropertiesTests {

    @Test
    void defaultsFindASilentLinkInFiveSeconds() {
        RedisProperties defaults = bind(new MockEnvironment());

        assertThat(defaults.prefix()).isEqualTo("ws:");
        assertThat(defaults.pubsub()).isEqualTo(RedisProperties.PubSub.AUTO);
        assertThat(defaults.subscribeBatch()).isEqualTo(512);
        assertThat(defaults.probeInterval().plus(defaults.probeTimeout())).isLessThan(Duration.ofSeconds(5));
    }

    @ParameterizedTest
    @CsvSource({
        "prefix, ''",
        "prefix, a-Z_9.:",
        "linger, 0s",
        "linger, 1m",
        "subscribe-batch, 1",
        "subscribe-batch, 10000",
        "probe-interval, 100ms",
        "probe-timeout, 1m",
        "connect-timeout, 100ms",
        "command-timeout, 1m",
        "command-queue, 100",
        "command-queue, 1000000",
        "idempotency-ttl, 1s",
        "position-ttl, 365d"
    })
    void whatIsAtTheEdgeIsAllowed(String property, String value) {
        assertThat(bind(property, value)).isNotNull();
    }

    @ParameterizedTest
    @CsvSource({
        "prefix, a{b",
        "prefix, a b",
        "linger, -1ms",
        "linger, 61s",
        "subscribe-batch, 0",
        "subscribe-batch, 10001",
        "probe-interval, 99ms",
        "probe-timeout, 61s",
        "connect-timeout, 99ms",
        "command-timeout, 61s",
        "command-queue, 99",
        "command-queue, 1000001",
        "idempotency-ttl, 999ms",
        "idempotency-ttl, 25h",
        "position-ttl, 59s",
        "position-ttl, 366d"
    })
    void whatIsBeyondIsRefusedWithTheNameOfTheProperty(String property, String value) {
        assertThatThrownBy(() -> bind(property, value))
                .rootCause()
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("starling.broker.redis." + property + " is ")
                .hasMessageContaining(", but must be ");
    }

    private static RedisProperties bind(String property, String value) {
        return bind(new MockEnvironment().withProperty("starling.broker.redis." + property, value));
    }

    private static RedisProperties bind(MockEnvironment environment) {
        return Binder.get(environment).bindOrCreate("starling.broker.redis", RedisProperties.class);
    }
}
