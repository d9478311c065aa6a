package dev.starling.broker;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/**
 * Answers questions on this node: each within its time and of no more than its size, a few at a time, and on threads of its
 * own, so that those who ask may be event loops. Thread-safe.
 */
public final class LocalAnswers implements AutoCloseable {

    /** The most that may be under way; who asks beyond is told that this node could not answer. */
    public static final int MOST = 64;

    /** How long this node waits for its own answer. */
    static final Duration OWN = Duration.ofSeconds(10);

    private static final int THREADS = 2;
    private static final int IDLE_SECONDS = 60;

    private final Peer self;
    private final PeerMetrics metrics;
    private final Scheduler threads = Schedulers.newBoundedElastic(THREADS, MOST, "answers", IDLE_SECONDS, true);
    private final AtomicInteger underWay = new AtomicInteger();
    private volatile Function<byte[], Mono<byte[]>> handler =
            question -> Mono.error(new IllegalStateException("nobody answers yet"));

    public LocalAnswers(Peer self, PeerMetrics metrics) {
        this.self = self;
        this.metrics = metrics;
    }

    /** This node. */
    public Peer self() {
        return self;
    }

    /** See {@link Peers#answer}. */
    public void by(Function<byte[], Mono<byte[]>> answering) {
        handler = answering;
    }

    /**
     * The answer of this node. Never fails.
     *
     * @param mostBytes that the answer may have
     */
    public Mono<PeerReply> answer(byte[] question, int mostBytes, Duration deadline) {
        return answer(question, mostBytes, deadline, PeerReply.Reason.SILENT);
    }

    /**
     * The same for a question of this node itself. A node is never silent to itself: the first answer of a cold JVM takes longer than
     * others wait for one. Beyond {@link #OWN} it has failed.
     */
    public Mono<PeerReply> own(byte[] question, int mostBytes) {
        return answer(question, mostBytes, OWN, PeerReply.Reason.FAILED);
    }

    private Mono<PeerReply> answer(byte[] question, int mostBytes, Duration deadline, PeerReply.Reason late) {
        return Mono.defer(() -> {
            if (underWay.incrementAndGet() > MOST) {
                underWay.decrementAndGet();
                metrics.busy();
                return Mono.just(missing(PeerReply.Reason.FAILED));
            }
            return Mono.defer(() -> handler.apply(question))
                    .subscribeOn(threads)
                    .map(bytes -> sized(bytes, mostBytes))
                    .defaultIfEmpty(missing(PeerReply.Reason.FAILED))
                    .timeout(deadline, Mono.just(missing(late)))
                    .onErrorReturn(missing(PeerReply.Reason.FAILED))
                    .doOnNext(metrics::answered)
                    .doFinally(end -> underWay.decrementAndGet());
        });
    }

    private PeerReply sized(byte[] bytes, int mostBytes) {
        return bytes.length > mostBytes ? missing(PeerReply.Reason.TOO_LARGE) : new PeerReply.Answer(self, bytes);
    }

    private PeerReply missing(PeerReply.Reason reason) {
        return new PeerReply.Missing(self, reason);
    }

    /** Ends the threads; what is under way fails. */
    @Override
    public void close() {
        threads.dispose();
    }
}
