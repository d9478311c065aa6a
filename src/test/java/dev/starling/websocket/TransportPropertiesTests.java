package dev.starling.websocket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.starling.security.LimitsProperties;
import io.netty.channel.ChannelOption;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;
import org.springframework.core.NestedExceptionUtils;
import reactor.netty.http.server.HttpServer;
import reactor.netty.http.server.HttpServerConfig;

final class TransportPropertiesTests {

    @Test
    void theDefaultsAreInRange() {
        assertThat(transport(Map.of())).isEqualTo(new TransportProperties(0, false, 4096, 4096, true));
    }

    @ParameterizedTest
    @CsvSource({
        "event-loops, 0",
        "event-loops, 1024",
        "ring-size, 256",
        "ring-size, 32768",
        "accept-backlog, 1",
        "accept-backlog, 65535",
        "no-delay, false"
    })
    void theEndsOfARangeAreAllowed(String property, String value) {
        assertThat(transport(Map.of("starling.transport." + property, value))).isNotNull();
    }

    @ParameterizedTest
    @CsvSource({
        "event-loops, -1, between 0 and 1024",
        "event-loops, 1025, between 0 and 1024",
        "ring-size, 5000, a power of two between 256 and 32768",
        "ring-size, 128, a power of two between 256 and 32768",
        "ring-size, 65536, a power of two between 256 and 32768",
        "accept-backlog, 0, between 1 and 65535",
        "accept-backlog, 65536, between 1 and 65535"
    })
    void aWrongValueIsNamed(String property, String value, String allowed) {
        String name = "starling.transport." + property;

        assertThatThrownBy(() -> transport(Map.of(name, value)))
                .extracting(failure ->
                        NestedExceptionUtils.getMostSpecificCause(failure).getMessage())
                .isEqualTo(name + " is " + value + ", but must be " + allowed);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void theServerIsToldOfThem(boolean noDelay) {
        HttpServerConfig server = new TransportConfiguration()
                .sessionTransport(
                        new TransportProperties(0, false, 4096, 77, noDelay),
                        bind("starling.limits", LimitsProperties.class, Map.of()))
                .apply(HttpServer.create())
                .configuration();

        assertThat(server.options().get(ChannelOption.SO_BACKLOG)).isEqualTo(77);
        assertThat(server.childOptions().get(ChannelOption.TCP_NODELAY)).isEqualTo(noDelay);
    }

    private static TransportProperties transport(Map<String, String> properties) {
        return bind("starling.transport", TransportProperties.class, properties);
    }

    private static <T> T bind(String prefix, Class<T> type, Map<String, String> properties) {
        return new Binder(new MapConfigurationPropertySource(properties)).bindOrCreate(prefix, type);
    }
}
