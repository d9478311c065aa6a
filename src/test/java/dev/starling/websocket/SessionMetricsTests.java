package dev.starling.websocket;

import static org.assertj.core.api.Assertions.assertThat;

import dev.starling.channel.FreshHub;
import dev.starling.protocol.ClientFrame;
import dev.starling.protocol.CloseCode;
import dev.starling.protocol.ErrorCode;
import dev.starling.protocol.ServerFrame;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class SessionMetricsTests {

    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final SessionMetrics metrics = new SessionMetrics(registry);

    @Test
    void allSeriesOfMessagesExistFromTheStart() {
        metrics.deliveries(FreshHub.inMemory());

        Stream<String> in =
                Stream.of("subscribe", "unsubscribe", "publish", "history", "presence", "refresh", "ping", "malformed");
        Stream<String> out = Stream.of(
                "welcome",
                "subscribed",
                "unsubscribed",
                "published",
                "refreshed",
                "history",
                "presence",
                "join",
                "leave",
                "gap",
                "pong",
                "goaway",
                "error",
                "message");
        assertThat(lines("ws_messages_total{"))
                .containsExactlyInAnyOrderElementsOf(Stream.concat(
                                in.map(type -> "ws_messages_total{direction=\"in\",type=\"" + type + "\"} 0.0"),
                                out.map(type -> "ws_messages_total{direction=\"out\",type=\"" + type + "\"} 0.0"))
                        .toList());
        assertThat(lines("ws_bytes_total{"))
                .containsExactlyInAnyOrder(
                        "ws_bytes_total{direction=\"in\"} 0.0", "ws_bytes_total{direction=\"out\"} 0.0");
    }

    @Test
    void allCloseAndErrorCodesExistFromTheStart() {
        Stream<String> codes =
                Arrays.stream(CloseCode.values()).map(CloseCode::code).map(String::valueOf);
        assertThat(lines("ws_closes_total{"))
                .containsExactlyInAnyOrderElementsOf(Stream.concat(codes, Stream.of("1005", "1006", "other"))
                        .map(code -> "ws_closes_total{code=\"" + code + "\"} 0.0")
                        .toList());
        assertThat(lines("ws_errors_total{"))
                .hasSize(ErrorCode.values().length)
                .contains("ws_errors_total{error=\"rate_limited\"} 0.0");
    }

    @Test
    void durationsHaveTheBucketsThatOperatorsWereTold() {
        metrics.handled(TimeUnit.MILLISECONDS.toNanos(7));

        assertThat(lines("ws_message_duration_seconds_bucket{"))
                .containsExactly(
                        "ws_message_duration_seconds_bucket{le=\"0.001\"} 0",
                        "ws_message_duration_seconds_bucket{le=\"0.005\"} 0",
                        "ws_message_duration_seconds_bucket{le=\"0.01\"} 1",
                        "ws_message_duration_seconds_bucket{le=\"0.05\"} 1",
                        "ws_message_duration_seconds_bucket{le=\"0.1\"} 1",
                        "ws_message_duration_seconds_bucket{le=\"0.5\"} 1",
                        "ws_message_duration_seconds_bucket{le=\"1.0\"} 1",
                        "ws_message_duration_seconds_bucket{le=\"+Inf\"} 1");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1004, 1015, 3000, 4999, 65535})
    void aCloseCodeThatNobodyKnowsIsOther(int code) {
        metrics.closed(new Closing(code, "whatever", Closing.Initiator.CLIENT));

        assertThat(lines("ws_closes_total{")).contains("ws_closes_total{code=\"other\"} 1.0");
        assertThat(lines("ws_closes_total{code=\"" + code)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(ints = {1000, 1001, 1005, 1006, 4001})
    void aKnownCloseCodeIsCountedByItsNumber(int code) {
        metrics.closed(new Closing(code, "whatever", Closing.Initiator.CLIENT));

        assertThat(lines("ws_closes_total{code=\"" + code))
                .containsExactly("ws_closes_total{code=\"" + code + "\"} 1.0");
    }

    @Test
    void framesAreCountedByTheirType() {
        metrics.received(new ClientFrame.Ping(null));
        metrics.received(new ClientFrame.Ping(null));
        metrics.malformed();
        metrics.sent(new ServerFrame.Pong(null, 1), 30);
        metrics.sent(new ServerFrame.Failure(ErrorCode.FORBIDDEN, "no", null, null, null), 70);
        metrics.deliveries(FreshHub.inMemory());

        assertThat(lines("ws_messages_total{"))
                .contains(
                        "ws_messages_total{direction=\"in\",type=\"ping\"} 2.0",
                        "ws_messages_total{direction=\"in\",type=\"malformed\"} 1.0",
                        "ws_messages_total{direction=\"out\",type=\"pong\"} 1.0",
                        "ws_messages_total{direction=\"out\",type=\"error\"} 1.0");
        assertThat(lines("ws_errors_total{error=\"forbidden\""))
                .containsExactly("ws_errors_total{error=\"forbidden\"} 1.0");
        assertThat(lines("ws_bytes_total{direction=\"out\""))
                .containsExactly("ws_bytes_total{direction=\"out\"} 100.0");
    }

    @Test
    void onlyAPongThatWasAskedForIsARoundTrip() {
        metrics.answered(-1);
        metrics.answered(TimeUnit.MILLISECONDS.toNanos(3));

        assertThat(lines("ws_ping_duration_seconds_count")).containsExactly("ws_ping_duration_seconds_count 1");
    }

    @Test
    void theGaugesFollowTheRegistry() {
        try (Wire wire = new Wire();
                SessionFixture fixture = new SessionFixture()) {
            metrics.gauges(fixture.node.registry(), 7);
            Session session = fixture.session(wire, wire.outbox());
            assertThat(lines("ws_connections")).contains("ws_connections_active 1.0", "ws_connections_limit 7.0");

            session.cut(Closing.DEAD);
            assertThat(lines("ws_connections_active")).containsExactly("ws_connections_active 0.0");
            assertThat(lines("ws_outbound_pending_bytes")).containsExactly("ws_outbound_pending_bytes 0.0");
        }
    }

    private List<String> lines(String start) {
        return registry.scrape().lines().filter(line -> line.startsWith(start)).toList();
    }
}
