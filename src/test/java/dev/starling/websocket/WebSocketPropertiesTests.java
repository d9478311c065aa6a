package dev.starling.websocket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.context.properties.bind.BindException;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;
import org.springframework.core.NestedExceptionUtils;
import org.springframework.util.unit.DataSize;

final class WebSocketPropertiesTests {

    @Test
    void theDefaultsAreInRange() {
        WebSocketProperties defaults = bind(Map.of());

        assertThat(defaults.node()).isEmpty();
        assertThat(defaults.websocket()).isEqualTo(new WebSocketProperties.WebSocket("/ws", false));
        assertThat(defaults.heartbeat())
                .isEqualTo(new WebSocketProperties.Heartbeat(Duration.ofSeconds(30), Duration.ofSeconds(10)));
        assertThat(defaults.drain()).isEqualTo(new WebSocketProperties.Drain(Duration.ofSeconds(10), 1000));
        assertThat(defaults.history()).isEqualTo(new WebSocketProperties.History(1000, DataSize.ofMegabytes(1)));
    }

    @ParameterizedTest
    @CsvSource({
        "heartbeat.interval, 100ms",
        "heartbeat.interval, 1h",
        "heartbeat.timeout, 100ms",
        "heartbeat.timeout, 1h",
        "drain.deadline, 1s",
        "drain.deadline, 1h",
        "drain.reconnect-rate, 1",
        "drain.reconnect-rate, 1000000",
        "history.max-messages, 1",
        "history.max-messages, 1000",
        "history.max-bytes, 1KB",
        "history.max-bytes, 16MB",
        "websocket.path, /live/ws"
    })
    void theEndsOfARangeAreAllowed(String property, String value) {
        assertThat(bind(Map.of("starling." + property, value))).isNotNull();
    }

    @ParameterizedTest
    @CsvSource({
        "heartbeat.interval, 99ms, 99ms, between 100ms and 1h",
        "heartbeat.interval, 0s, 0s, between 100ms and 1h",
        "heartbeat.interval, -1s, -1s, between 100ms and 1h",
        "heartbeat.interval, 3601s, 3601s, between 100ms and 1h",
        "heartbeat.timeout, 99ms, 99ms, between 100ms and 1h",
        "heartbeat.timeout, 2h, 2h, between 100ms and 1h",
        "heartbeat.interval, 200000000000d, PT4800000000000H, between 100ms and 1h",
        "drain.deadline, 999ms, 999ms, between 1s and 1h",
        "drain.deadline, 61m, 61m, between 1s and 1h",
        "drain.reconnect-rate, 0, 0, between 1 and 1000000",
        "drain.reconnect-rate, -5, -5, between 1 and 1000000",
        "drain.reconnect-rate, 1000001, 1000001, between 1 and 1000000",
        "history.max-messages, 0, 0, between 1 and 1000",
        "history.max-messages, 1001, 1001, between 1 and 1000",
        "history.max-bytes, 1023B, 1023B, between 1KB and 16MB",
        "history.max-bytes, 17MB, 17MB, between 1KB and 16MB",
        "websocket.path, ws, ws, a plain path that begins with /",
        "websocket.path, /**, /**, a plain path that begins with /",
        "websocket.path, /{room}, /{room}, a plain path that begins with /",
        "websocket.path, /ws?a=b, /ws?a=b, a plain path that begins with /",
        "websocket.path, /ws#top, /ws#top, a plain path that begins with /",
        "websocket.path, /a b, /a b, a plain path that begins with /",
        "websocket.path, /%41, /%41, a plain path that begins with /",
        "websocket.path, //ws, //ws, a plain path that begins with /",
        "websocket.path, /, /, a plain path that begins with /"
    })
    void whatIsOutsideIsRefusedWithPropertyValueAndRange(String property, String value, String shown, String range) {
        assertThatThrownBy(() -> bind(Map.of("starling." + property, value)))
                .isInstanceOf(BindException.class)
                .satisfies(failure -> assertThat(NestedExceptionUtils.getMostSpecificCause(failure))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageContaining("starling." + property + " is " + shown + ", but must be ")
                        .hasMessageEndingWith(range));
    }

    private static WebSocketProperties bind(Map<String, String> values) {
        return new Binder(new MapConfigurationPropertySource(values))
                .bindOrCreate("starling", WebSocketProperties.class);
    }
}
