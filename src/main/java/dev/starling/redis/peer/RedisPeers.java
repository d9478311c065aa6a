package dev.starling.redis.peer;

import dev.starling.broker.LocalAnswers;
import dev.starling.broker.OwnQuestions;
import dev.starling.broker.Peer;
import dev.starling.broker.PeerReply;
import dev.starling.broker.Peers;
import dev.starling.protocol.ErrorCode;
import dev.starling.protocol.RefusedException;
import dev.starling.redis.link.InboxMetrics;
import dev.starling.redis.link.RedisInbox;
import dev.starling.redis.link.RedisKeys;
import dev.starling.redis.link.RedisSubscriptions;
import dev.starling.redis.link.UnreadableEnvelopeException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.MonoSink;

/**
 * The nodes that share a Redis. Each hears an inbox: there a question comes with the inbox that the answer goes to. Whoever
 * nobody hears, or gives no answer, is named as silent. Thread-safe; what comes is received on the loop of the inbox.
 */
final class RedisPeers implements Peers, RedisInbox.Receiver {

    /** What all answers to one question may have, in bytes: half of what makes Redis cut a node that reads too slowly. */
    private static final int MOST_TOGETHER = 16 << 20;

    private static final byte[] NOTHING = {};

    private final NodeRegistry registry;
    private final RedisKeys keys;
    private final RedisSubscriptions subscriptions;
    private final RedisPublisher publisher;
    private final RedisInbox inbox;
    private final LocalAnswers answers;
    private final OwnQuestions questions;
    private final InboxMetrics metrics;
    private final Runnable hearing;
    private final int maxAnswer;
    private final ConcurrentMap<Long, Asked> pending = new ConcurrentHashMap<>();
    private final AtomicLong numbers =
            new AtomicLong(ThreadLocalRandom.current().nextLong());

    private record Asked(Peer peer, MonoSink<PeerReply> reply) {}

    /**
     * @param maxAnswer bytes of an answer
     * @param hearing run on the loop when this node can be asked
     */
    RedisPeers(
            NodeRegistry registry,
            RedisKeys keys,
            RedisSubscriptions subscriptions,
            RedisPublisher publisher,
            RedisInbox inbox,
            LocalAnswers answers,
            OwnQuestions questions,
            InboxMetrics metrics,
            int maxAnswer,
            Runnable hearing) {
        this.registry = registry;
        this.keys = keys;
        this.subscriptions = subscriptions;
        this.publisher = publisher;
        this.inbox = inbox;
        this.answers = answers;
        this.questions = questions;
        this.metrics = metrics;
        this.maxAnswer = maxAnswer;
        this.hearing = hearing;
    }

    @Override
    public Mono<List<Peer>> nodes() {
        return Mono.defer(() -> subscriptions.isSilent(keys.nodes())
                ? Mono.error(unavailable("Redis does not answer"))
                : registry.read());
    }

    @Override
    public Flux<PeerReply> ask(byte[] question, Duration deadline) {
        return questions.ask(question, deadline, () -> ask(question, System.nanoTime() + deadline.toNanos()));
    }

    private Flux<PeerReply> ask(byte[] question, long end) {
        if (!subscriptions.isUp(keys.inbox(registry.self().id()))) {
            return Flux.error(unavailable("there is no connection to Redis"));
        }
        return nodes().timeout(left(end), Mono.error(() -> unavailable("Redis gave no answer in time")))
                .flatMapMany(nodes -> {
                    int most = Math.min(maxAnswer, MOST_TOGETHER / nodes.size());
                    return Flux.fromIterable(nodes)
                            .flatMap(
                                    node -> node.equals(registry.self())
                                            ? answers.own(question, maxAnswer)
                                            : ask(node, question, most, end),
                                    nodes.size());
                });
    }

    private Mono<PeerReply> ask(Peer node, byte[] question, int most, long end) {
        PeerReply silent = new PeerReply.Missing(node, PeerReply.Reason.SILENT);
        return Mono.<PeerReply>create(reply -> {
                    long number = numbers.incrementAndGet();
                    pending.put(number, new Asked(node, reply));
                    reply.onDispose(() -> pending.remove(number));
                    byte[] envelope = PeerCodec.encode(new PeerCodec.Envelope.Question(
                            number, registry.self().id(), most, (int) left(end).toMillis(), question));
                    publisher
                            .publish(keys.inbox(node.id()), envelope)
                            .onErrorReturn(false)
                            .filter(isHeard -> !isHeard)
                            .subscribe(unheard -> inbox.loop().execute(() -> reply.success(silent)));
                })
                .timeout(left(end), Mono.just(silent));
    }

    private static Duration left(long end) {
        return Duration.ofNanos(Math.max(1_000_000, end - System.nanoTime()));
    }

    private static RefusedException unavailable(String message) {
        return new RefusedException(ErrorCode.BROKER_UNAVAILABLE, message);
    }

    @Override
    public void answer(Function<byte[], Mono<byte[]>> handler) {
        answers.by(handler);
    }

    @Override
    public void heard(byte[] envelope) throws UnreadableEnvelopeException {
        PeerCodec.Envelope read = PeerCodec.decode(envelope);
        if (read instanceof PeerCodec.Envelope.Question question) {
            answer(question);
        } else if (read instanceof PeerCodec.Envelope.Answer answer) {
            answered(answer);
        }
    }

    /** To send it may fail: then this node is silent. */
    private void answer(PeerCodec.Envelope.Question question) {
        answers.answer(question.body(), Math.min(maxAnswer, question.mostBytes()), Duration.ofMillis(question.millis()))
                .flatMap(reply -> publisher.publish(
                        keys.inbox(question.asker()), PeerCodec.encode(answer(question.number(), reply))))
                .onErrorComplete()
                .subscribe();
    }

    private static PeerCodec.Envelope.Answer answer(long number, PeerReply reply) {
        if (reply instanceof PeerReply.Answer answer) {
            return new PeerCodec.Envelope.Answer(number, null, answer.bytes());
        }
        return new PeerCodec.Envelope.Answer(number, ((PeerReply.Missing) reply).reason(), NOTHING);
    }

    private void answered(PeerCodec.Envelope.Answer answer) {
        Asked asked = pending.remove(answer.number());
        if (asked == null) {
            metrics.late();
            return;
        }
        asked.reply()
                .success(
                        answer.missing() == null
                                ? new PeerReply.Answer(asked.peer(), answer.body())
                                : new PeerReply.Missing(asked.peer(), answer.missing()));
    }

    @Override
    public void confirmed() {
        hearing.run();
    }
}
