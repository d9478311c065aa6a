package dev.starling.api;

import dev.starling.protocol.ErrorCode;
import dev.starling.protocol.RefusedException;
import java.io.ByteArrayOutputStream;
import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.DataBufferUtils;
import org.springframework.http.HttpStatus;
import org.springframework.web.server.ResponseStatusException;
import reactor.core.publisher.BaseSubscriber;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.MonoSink;
import reactor.netty.channel.AbortedException;

/**
 * Collects one body. It comes on the event loop of its connection, which has the timer, too: one elsewhere would cost more than the rest
 * of the request.
 */
final class BodyReader extends BaseSubscriber<DataBuffer> {

    private final MonoSink<byte[]> sink;
    private final BooleanSupplier isAnswered;
    private final int maxBytes;
    private final long timeoutNanos;
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream(256);
    private final ScheduledExecutorService loop;
    private volatile long heardNanos = System.nanoTime();
    private volatile @Nullable Future<?> timer;

    private BodyReader(
            ScheduledExecutorService loop,
            MonoSink<byte[]> sink,
            BooleanSupplier isAnswered,
            int maxBytes,
            Duration timeout) {
        this.loop = loop;
        this.sink = sink;
        this.isAnswered = isAnswered;
        this.maxBytes = maxBytes;
        this.timeoutNanos = timeout.toNanos();
    }

    /**
     * The whole body; fails with {@link ErrorCode#TOO_LARGE}, or with 408 after a silence of {@code timeout}.
     *
     * @param loop which the body comes on; this may be subscribed on another thread
     * @param isAnswered whether Netty has answered by itself, because the rest of the body can't be decoded: it seems to end there
     */
    static Mono<byte[]> read(
            ScheduledExecutorService loop,
            Flux<DataBuffer> body,
            BooleanSupplier isAnswered,
            int maxBytes,
            Duration timeout) {
        return Mono.create(sink -> {
            BodyReader reader = new BodyReader(loop, sink, isAnswered, maxBytes, timeout);
            sink.onDispose(reader::end);
            body.subscribe(reader);
            if (!reader.isDisposed()) {
                reader.await(reader.timeoutNanos);
            }
        });
    }

    private void await(long nanos) {
        timer = loop.schedule(this::look, nanos, TimeUnit.NANOSECONDS);
        if (isDisposed()) {
            end();
        }
    }

    private void look() {
        long left = timeoutNanos - (System.nanoTime() - heardNanos);
        if (left > 0) {
            await(left);
        } else {
            fail(new ResponseStatusException(HttpStatus.REQUEST_TIMEOUT));
        }
    }

    private void end() {
        cancel();
        Future<?> running = timer;
        if (running != null) {
            running.cancel(false);
        }
    }

    private void fail(Throwable failure) {
        cancel();
        sink.error(failure);
    }

    static RefusedException tooLarge(int maxBytes) {
        return new RefusedException(ErrorCode.TOO_LARGE, "the body has at most " + maxBytes + " bytes");
    }

    @Override
    protected void hookOnSubscribe(Subscription subscription) {
        requestUnbounded();
    }

    @Override
    protected void hookOnNext(DataBuffer buffer) {
        heardNanos = System.nanoTime();
        int count = buffer.readableByteCount();
        boolean fits = count <= maxBytes - bytes.size();
        if (fits) {
            byte[] piece = new byte[count];
            buffer.read(piece);
            bytes.write(piece, 0, count);
        }
        DataBufferUtils.release(buffer);
        if (!fits) {
            fail(tooLarge(maxBytes));
        }
    }

    @Override
    protected void hookOnComplete() {
        if (isAnswered.getAsBoolean()) {
            sink.error(AbortedException.beforeSend());
        } else {
            sink.success(bytes.toByteArray());
        }
    }

    @Override
    protected void hookOnError(Throwable failure) {
        sink.error(failure);
    }
}
