package dev.starling.websocket;

import static org.assertj.core.api.Assertions.assertThat;

import dev.starling.security.TestLimits;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpVersion;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import reactor.netty.NettyPipeline;

final class HttpConnectionTests {

    private static final String REQUEST = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final StuckChannel channel = new StuckChannel();

    /** A channel whose socket takes only what it is told to. */
    private static final class StuckChannel extends EmbeddedChannel {

        private long room;

        @Override
        protected void doWrite(ChannelOutboundBuffer buffer) {
            while (room > 0 && buffer.current() instanceof ByteBuf bytes) {
                long count = Math.min(room, bytes.readableBytes());
                room -= count;
                buffer.removeBytes(count);
            }
        }

        void take(long bytes) {
            room = bytes;
            flush();
        }
    }

    @BeforeEach
    void connect() {
        channel.freezeTime();
        channel.pipeline().addLast(NettyPipeline.HttpCodec, new HttpServerCodec());
        new HttpConnections(TestLimits.http(TestLimits.of()), meters).accept(channel);
    }

    @AfterEach
    void close() {
        channel.finishAndReleaseAll();
    }

    @Test
    void answerThatIsReadAtOneKilobytePerSecondGoesOn() {
        ask(1);
        answer(1_000_000);

        for (int minute = 0; minute < 5; minute++) {
            pass(HttpConnection.READ_MILLIS / 2);
            channel.take(HttpConnection.READ_BYTES);
            pass(HttpConnection.READ_MILLIS / 2);
        }

        assertThat(channel.isOpen()).isTrue();
    }

    @Test
    void answerThatIsReadMoreSlowlyEndsAndIsCounted() {
        ask(1);
        answer(1_000_000);
        pass(HttpConnection.READ_MILLIS - 1);
        channel.take(HttpConnection.READ_BYTES - 1000); // beside the bytes, Netty counts its own per buffer
        assertThat(channel.isOpen()).isTrue();

        pass(1);

        assertThat(channel.isOpen()).isFalse();
        assertThat(ended("slow_reader")).isEqualTo(1);
    }

    @Test
    void answerThatIsReadToItsEndIsNotWatchedAnyLonger() {
        ask(1);
        answer(1_000);
        channel.take(2_000);

        pass(10 * HttpConnection.READ_MILLIS);

        assertThat(channel.isOpen()).isTrue();
    }

    @Test
    void asManyRequestsAsMayWaitAreTakenAndOneMoreEndsTheConnection() {
        ask(HttpConnection.MOST_UNANSWERED);
        assertThat(channel.isOpen()).isTrue();
        answer(100);
        ask(1);
        assertThat(channel.isOpen()).isTrue();

        channel.writeInbound(Unpooled.copiedBuffer(REQUEST.repeat(100), StandardCharsets.US_ASCII));

        assertThat(channel.isOpen()).isFalse();
        assertThat(channel.inboundMessages()).as("handed on").isEmpty();
        assertThat(ended("pipeline_limit")).isEqualTo(1);
    }

    @Test
    void clientThatAsksForMoreThanItTakesIsEnded() {
        ask(3);
        answer(HttpConnection.MOST_PENDING_BYTES - 1000);
        ask(1);
        assertThat(channel.isOpen()).isTrue();
        answer(1000);

        channel.writeInbound(Unpooled.copiedBuffer(REQUEST, StandardCharsets.US_ASCII));

        assertThat(channel.isOpen()).isFalse();
        assertThat(ended("pipeline_limit")).isEqualTo(1);
    }

    private void ask(int requests) {
        channel.writeInbound(Unpooled.copiedBuffer(REQUEST.repeat(requests), StandardCharsets.US_ASCII));
        int seen = 0;
        for (Object next = channel.readInbound(); next != null; next = channel.readInbound()) {
            seen += next instanceof HttpRequest ? 1 : 0;
        }
        assertThat(seen).isEqualTo(requests);
    }

    private void answer(int bytes) {
        DefaultFullHttpResponse answer = new DefaultFullHttpResponse(
                HttpVersion.HTTP_1_1, HttpResponseStatus.OK, Unpooled.wrappedBuffer(new byte[bytes]));
        answer.headers().set("content-length", bytes);
        channel.writeAndFlush(answer);
    }

    private void pass(long millis) {
        channel.advanceTimeBy(millis, TimeUnit.MILLISECONDS);
        channel.runScheduledPendingTasks();
    }

    private double ended(String reason) {
        return meters.get("ws.http.connections.ended")
                .tag("reason", reason)
                .counter()
                .count();
    }
}
