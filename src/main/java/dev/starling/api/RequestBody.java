package dev.starling.api;

import dev.starling.protocol.ErrorCode;
import io.netty.channel.EventLoop;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.DataBufferUtils;
import org.springframework.http.HttpStatus;
import org.springframework.http.server.reactive.ServerHttpRequest;
import org.springframework.http.server.reactive.ServerHttpRequestDecorator;
import org.springframework.web.server.ResponseStatusException;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.netty.channel.ChannelOperations;
import reactor.netty.http.server.HttpServerResponse;

/** Reads the bodies of requests, within limits. Thread-safe. */
final class RequestBody {

    private static final HttpStatus TIMEOUT = HttpStatus.REQUEST_TIMEOUT;
    private static final long NOT_ASKED = Long.MIN_VALUE;

    private final Duration timeout;

    /** @param timeout how long a client that has more to say may keep silent */
    RequestBody(Duration timeout) {
        this.timeout = timeout;
    }

    /** The whole body; fails with {@link ErrorCode#TOO_LARGE}, or 408. */
    Mono<byte[]> read(ServerHttpRequest request, int maxBytes) {
        if (request.getHeaders().getContentLength() > maxBytes) {
            return Mono.error(() -> BodyReader.tooLarge(maxBytes));
        }
        HttpServerResponse netty = ServerHttpRequestDecorator.getNativeRequest(request); // one object is both
        EventLoop loop = ((ChannelOperations<?, ?>) netty).channel().eventLoop();
        return BodyReader.read(loop, request.getBody(), netty::hasSentHeaders, maxBytes, timeout);
    }

    /** The lines of the body, as they come, without empty ones; ends with {@link BodyLines#TOO_LONG} if one has too many bytes. */
    Flux<byte[]> lines(ServerHttpRequest request, int maxBytes) {
        return Flux.defer(() -> {
            BodyLines lines = new BodyLines(maxBytes);
            return timely(request.getBody().map(RequestBody::bytes))
                    .concatMapIterable(lines::add, 1)
                    .concatWith(Flux.defer(() -> Flux.fromIterable(lines.end())))
                    .takeUntil(line -> line == BodyLines.TOO_LONG);
        });
    }

    /** Fails where a client is silent for too long that was asked for more, one piece at a time; who waits for us is not meant. */
    private Flux<byte[]> timely(Flux<byte[]> pieces) {
        return Flux.defer(() -> {
            AtomicLong askedNanos = new AtomicLong(NOT_ASKED);
            Mono<Void> silence = Flux.interval(timeout.dividedBy(4))
                    .filter(tick -> isOver(askedNanos.get()))
                    .next()
                    .flatMap(over -> Mono.error(() -> new ResponseStatusException(TIMEOUT)));
            return pieces.doOnRequest(count -> askedNanos.set(System.nanoTime()))
                    .doOnNext(piece -> askedNanos.set(NOT_ASKED))
                    .takeUntilOther(silence);
        });
    }

    private boolean isOver(long askedNanos) {
        return askedNanos != NOT_ASKED && System.nanoTime() - askedNanos > timeout.toNanos();
    }

    private static byte[] bytes(DataBuffer buffer) {
        byte[] bytes = new byte[buffer.readableByteCount()];
        buffer.read(bytes);
        DataBufferUtils.release(buffer);
        return bytes;
    }
}
