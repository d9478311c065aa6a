package dev.starling.broker;

import dev.starling.protocol.ErrorCode;
import dev.starling.protocol.RefusedException;
import dev.starling.setting.Range;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import reactor.core.publisher.Flux;

/** The questions that this node asks: within their limits, and counted. Thread-safe. */
public final class OwnQuestions {

    /** The most that may be under way. */
    public static final int MOST = 64;

    private static final int MOST_BYTES = 64 * 1024;
    private static final Duration LONGEST = Duration.ofMinutes(1);

    private final PeerMetrics metrics;
    private final AtomicInteger underWay = new AtomicInteger();

    public OwnQuestions(PeerMetrics metrics) {
        this.metrics = metrics;
    }

    /** Asks if there is room, and the question is one that {@link Peers#ask} takes. */
    public Flux<PeerReply> ask(byte[] question, Duration deadline, Supplier<Flux<PeerReply>> asking) {
        return Flux.defer(() -> {
            validate(question, deadline);
            if (underWay.incrementAndGet() > MOST) {
                underWay.decrementAndGet();
                metrics.refused();
                return Flux.error(new RefusedException(
                        ErrorCode.BROKER_UNAVAILABLE, "this node waits for answers to too many questions"));
            }
            return counted(asking.get()).doFinally(end -> underWay.decrementAndGet());
        });
    }

    private static void validate(byte[] question, Duration deadline) {
        if (question.length > MOST_BYTES) {
            throw new IllegalArgumentException(
                    "the question has " + question.length + " bytes, but must have at most " + MOST_BYTES);
        }
        Range.of("the deadline", deadline, Duration.ofMillis(1), LONGEST);
    }

    private Flux<PeerReply> counted(Flux<PeerReply> replies) {
        AtomicBoolean partial = new AtomicBoolean();
        return replies.doOnNext(reply -> {
                    if (reply instanceof PeerReply.Missing) {
                        partial.setPlain(true);
                    }
                })
                .doOnComplete(() -> metrics.asked(partial.getPlain()))
                .doOnError(failure -> metrics.refused());
    }
}
