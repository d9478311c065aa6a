package dev.starling.api;

import dev.starling.protocol.ErrorCode;
import dev.starling.protocol.RefusedException;
import java.time.Duration;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.DataBufferLimitException;
import org.springframework.core.io.buffer.DataBufferUtils;
import org.springframework.http.HttpStatus;
import org.springframework.http.server.reactive.ServerHttpRequest;
import org.springframework.web.server.ResponseStatusException;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Reads the bodies of requests, within limits. Thread-safe. */
final class RequestBody {

    private final Duration timeout;

    /** @param timeout how long a client that has more to say may keep silent */
    RequestBody(Duration timeout) {
        this.timeout = timeout;
    }

    /** The whole body; fails with {@link ErrorCode#TOO_LARGE}, or 408. */
    Mono<byte[]> read(ServerHttpRequest request, int maxBytes) {
        if (request.getHeaders().getContentLength() > maxBytes) {
            return Mono.error(() -> tooLarge(maxBytes));
        }
        return DataBufferUtils.join(timely(request), maxBytes)
                .map(RequestBody::bytes)
                .defaultIfEmpty(new byte[0])
                .onErrorMap(DataBufferLimitException.class, e -> tooLarge(maxBytes));
    }

    /** The lines of the body, as they come; empty ones are left out. One that has too many bytes is {@link BodyLines#TOO_LONG}. */
    Flux<byte[]> lines(ServerHttpRequest request, int maxBytes) {
        return Flux.defer(() -> {
            BodyLines lines = new BodyLines(maxBytes);
            return timely(request)
                    .map(RequestBody::bytes)
                    .concatMapIterable(lines::add, 1)
                    .concatWith(Flux.defer(() -> Flux.fromIterable(lines.end())));
        });
    }

    private Flux<DataBuffer> timely(ServerHttpRequest request) {
        return request.getBody()
                .timeout(timeout, Mono.error(() -> new ResponseStatusException(HttpStatus.REQUEST_TIMEOUT)));
    }

    private static byte[] bytes(DataBuffer buffer) {
        byte[] bytes = new byte[buffer.readableByteCount()];
        buffer.read(bytes);
        DataBufferUtils.release(buffer);
        return bytes;
    }

    private static RefusedException tooLarge(int maxBytes) {
        return new RefusedException(ErrorCode.TOO_LARGE, "the body has at most " + maxBytes + " bytes");
    }
}
