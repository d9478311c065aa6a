package dev.starling.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.publisher.Mono;

final class InMemoryPeersTests extends PeersContract {

    private static final Peer SELF = new Peer("here", "1", 1);

    private final MeterRegistry meters = new SimpleMeterRegistry();
    private final PeerMetrics metrics = new PeerMetrics(meters);
    private final LocalAnswers answers = new LocalAnswers(SELF, metrics);
    private final InMemoryPeers peers = new InMemoryPeers(answers, MAX_ANSWER, metrics);

    @Override
    protected List<Peers> nodes() {
        return List.of(peers);
    }

    @AfterEach
    void endTheThreads() {
        answers.close();
    }

    @Test
    void questionsAndAnswersAreCountedByWhatBecameOfThem() {
        peers.answer(question -> question.length == 0 ? Mono.empty() : Mono.just(question));
        ask(peers, "?");
        ask(peers, "??");
        ask(peers, "");

        assertThat(count("ws.peers.questions", "complete")).isEqualTo(2);
        assertThat(count("ws.peers.questions", "partial")).isEqualTo(1);
        assertThat(count("ws.peers.answers", "answered")).isEqualTo(2);
        assertThat(count("ws.peers.answers", "failed")).isEqualTo(1);
        assertThat(meters.get("ws.peers.nodes").gauge().value()).isEqualTo(1);
    }

    @Test
    void whoAsksANodeThatAnswersTooManyIsToldSo() {
        peers.answer(question -> Mono.never());
        Disposable.Composite underWay = Disposables.composite();
        for (int i = 0; i < LocalAnswers.MOST; i++) {
            underWay.add(answers.answer(bytes("?"), 1, PATIENCE).subscribe());
        }

        assertThat(answers.answer(bytes("?"), 1, PATIENCE).block(Duration.ZERO.plusMillis(100)))
                .isEqualTo(new PeerReply.Missing(SELF, PeerReply.Reason.FAILED));

        assertThat(count("ws.peers.answers", "busy")).isEqualTo(1);
        underWay.dispose();
        peers.answer(Mono::just);
        assertThat(answers.answer(bytes("?"), 1, PATIENCE).block(PATIENCE)).isInstanceOf(PeerReply.Answer.class);
    }

    /** There is no other node: it is its own answer that comes late, as the first of a cold JVM does. */
    @Override
    @Test
    void nodeThatDoesNotAnswerIsNamedWhenTheTimeIsOver() {
        peers.answer(question -> Mono.delay(Duration.ofMillis(500)).thenReturn(question));

        List<PeerReply> replies =
                peers.ask(bytes("?"), Duration.ofMillis(50)).collectList().block(PATIENCE);

        assertThat(replies).hasSize(1).allMatch(PeerReply.Answer.class::isInstance);
    }

    private double count(String meter, String outcome) {
        return meters.get(meter).tag("outcome", outcome).functionCounter().count();
    }
}
