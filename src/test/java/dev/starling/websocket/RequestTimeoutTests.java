package dev.starling.websocket;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.HttpServerCodec;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import reactor.netty.NettyPipeline;

final class RequestTimeoutTests {

    private static final String REQUEST = "GET /ws HTTP/1.1\r\nHost: a\r\n\r\n";
    private static final String POST = "POST /api HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n";

    private final EmbeddedChannel channel = new EmbeddedChannel();

    @BeforeEach
    void connect() {
        channel.freezeTime();
        channel.pipeline().addLast(NettyPipeline.HttpCodec, new HttpServerCodec());
        RequestTimeout.addTo(channel.pipeline(), Duration.ofSeconds(10));
    }

    @AfterEach
    void close() {
        channel.finishAndReleaseAll();
    }

    @Test
    void whoConnectsAndSaysNothingIsClosed() {
        pass(9_999);
        assertThat(channel.isOpen()).isTrue();

        pass(1);
        assertThat(channel.isOpen()).isFalse();
    }

    @Test
    void drippingHeadersDoNotExtendTheTime() {
        String headers = "GET /ws HTTP/1.1\r\nX-Slow: " + "a".repeat(100);
        int sent = 0;
        while (channel.isOpen() && sent < headers.length()) {
            send(headers.substring(sent, sent + 1));
            sent++;
            pass(1_000);
        }

        assertThat(channel.isOpen()).isFalse();
        assertThat(sent).isEqualTo(10);
    }

    @Test
    void aCompleteRequestIsNotTimedAnyMore() {
        pass(9_000);
        send(REQUEST);

        pass(3_600_000);

        assertThat(channel.isOpen()).isTrue();
    }

    @Test
    void aBodyMayTakeItsTime() {
        send(POST);
        send("12345");
        pass(60_000);
        assertThat(channel.isOpen()).isTrue();

        send("67890");
        pass(60_000);
        assertThat(channel.isOpen()).isTrue();
    }

    @Test
    void theNextRequestOnTheConnectionIsTimedFromItsFirstByte() {
        send(REQUEST);
        pass(60_000);

        send("G");
        pass(9_999);
        assertThat(channel.isOpen()).isTrue();
        pass(1);

        assertThat(channel.isOpen()).isFalse();
    }

    @Test
    void theRequestAfterABodyIsTimedToo() {
        send(POST + "1234567890");
        send("GET /ws");

        pass(10_000);

        assertThat(channel.isOpen()).isFalse();
    }

    @Test
    void afterTheUpgradeNothingOfItIsLeft() {
        send("G");

        RequestTimeout.removeFrom(channel.pipeline());
        pass(60_000);

        assertThat(channel.isOpen()).isTrue();
        assertThat(channel.pipeline().names()).noneMatch(name -> name.startsWith("starling"));
        RequestTimeout.removeFrom(channel.pipeline());
    }

    @Test
    void aConnectionThatEndsTakesItsTimerAlong() {
        channel.close();

        assertThat(channel.hasPendingTasks()).isFalse();
    }

    @Test
    void zeroMeansNoLimit() {
        EmbeddedChannel unlimited = new EmbeddedChannel();
        unlimited.pipeline().addLast(NettyPipeline.HttpCodec, new HttpServerCodec());

        RequestTimeout.addTo(unlimited.pipeline(), Duration.ZERO);

        assertThat(unlimited.pipeline().names()).noneMatch(name -> name.startsWith("starling"));
        unlimited.finishAndReleaseAll();
    }

    private void send(String bytes) {
        channel.writeInbound(Unpooled.copiedBuffer(bytes, StandardCharsets.US_ASCII));
        channel.releaseInbound();
    }

    private void pass(long millis) {
        channel.advanceTimeBy(millis, TimeUnit.MILLISECONDS);
        channel.runScheduledPendingTasks();
    }
}
