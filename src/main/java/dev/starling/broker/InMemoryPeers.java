package dev.starling.broker;

import java.time.Duration;
import java.util.List;
import java.util.function.Function;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** The one node that there is. */
final class InMemoryPeers implements Peers {

    private final LocalAnswers answers;
    private final OwnQuestions questions;
    private final int maxAnswer;

    /** @param maxAnswer bytes of an answer */
    InMemoryPeers(LocalAnswers answers, int maxAnswer, PeerMetrics metrics) {
        this.answers = answers;
        this.questions = new OwnQuestions(metrics);
        this.maxAnswer = maxAnswer;
        metrics.nodes(1);
    }

    @Override
    public Mono<List<Peer>> nodes() {
        return Mono.just(List.of(answers.self()));
    }

    @Override
    public Flux<PeerReply> ask(byte[] question, Duration deadline) {
        return questions.ask(
                question, deadline, () -> answers.own(question, maxAnswer).flux());
    }

    @Override
    public void answer(Function<byte[], Mono<byte[]>> handler) {
        answers.by(handler);
    }
}
