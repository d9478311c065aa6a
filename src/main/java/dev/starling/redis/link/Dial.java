package dev.starling.redis.link;

import io.lettuce.core.api.StatefulConnection;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One attempt to connect: it ends in time, in a connection or in a failure, told on the loop. What connects too late is
 * closed.
 */
final class Dial<C extends StatefulConnection<?, ?>> {

    /** Beyond all limits of Lettuce for one attempt, three sentinels included: only for what those do not cover. */
    private static final long LONGEST_SECONDS = 30;

    private final LinkLoop loop;
    private final Consumer<? super C> connected;
    private final Consumer<Throwable> refused;
    private @Nullable Future<?> timer;
    private boolean done;

    private Dial(LinkLoop loop, Consumer<? super C> connected, Consumer<Throwable> refused) {
        this.loop = loop;
        this.connected = connected;
        this.refused = refused;
    }

    /** On the loop. */
    static <C extends StatefulConnection<?, ?>> void on(
            LinkLoop loop,
            Supplier<? extends CompletionStage<? extends C>> dialer,
            Consumer<? super C> connected,
            Consumer<Throwable> refused) {
        new Dial<C>(loop, connected, refused).start(dialer);
    }

    private void start(Supplier<? extends CompletionStage<? extends C>> dialer) {
        timer = loop.schedule(
                () -> end(
                        null,
                        new RedisFaultException(RedisFault.TIMEOUT, "no connection after " + LONGEST_SECONDS + " s")),
                TimeUnit.SECONDS.toNanos(LONGEST_SECONDS));
        CompletionStage<? extends C> attempt;
        try {
            attempt = dialer.get();
        } catch (RuntimeException failure) {
            end(null, failure);
            return;
        }
        attempt.whenComplete((connection, failure) -> {
            if (loop.isClosed()) {
                close(connection);
            } else {
                loop.execute(() -> end(connection, failure));
            }
        });
    }

    private void end(@Nullable C connection, @Nullable Throwable failure) {
        if (done) {
            close(connection);
            return;
        }
        done = true;
        if (timer != null) {
            timer.cancel(false);
        }
        if (connection != null) {
            connected.accept(connection);
        } else {
            refused.accept(failure == null ? new IllegalStateException("neither a connection nor a failure") : failure);
        }
    }

    private void close(@Nullable C connection) {
        if (connection != null) {
            connection.closeAsync();
        }
    }
}
