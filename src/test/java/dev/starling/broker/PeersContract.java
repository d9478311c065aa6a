package dev.starling.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.starling.protocol.ErrorCode;
import dev.starling.protocol.RefusedException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/** What all {@link Peers} promise; a test of each implementation extends it. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
public abstract class PeersContract {

    public static final Duration PATIENCE = Duration.ofSeconds(20);

    /** Bytes that an answer may have here. */
    public static final int MAX_ANSWER = 4096;

    private static final Duration SHORT = Duration.ofMillis(300);

    private List<Peers> nodes = List.of();

    /**
     * New peers that know each other, of one node each: one if this kind joins none. Called once per instance of the test
     * class: nodes that take long to start are for all of its tests.
     */
    protected abstract List<Peers> nodes();

    @BeforeEach
    void joinTheNodes() {
        if (nodes.isEmpty()) {
            nodes = nodes();
        }
    }

    private Peers first() {
        return nodes.get(0);
    }

    private void answerAll(Function<byte[], Mono<byte[]>> handler) {
        nodes.forEach(node -> node.answer(handler));
    }

    @Test
    void allNodesKnowAllNodes() {
        List<Peer> known = known(first());

        assertThat(known).hasSameSizeAs(nodes).extracting(Peer::id).doesNotHaveDuplicates();
        assertThat(known).extracting(Peer::sinceMillis).isSorted().allMatch(since -> since > 0);
        assertThat(nodes).allSatisfy(node -> assertThat(known(node)).isEqualTo(known));
    }

    @Test
    void eachNodeAnswersForItself() {
        IntStream.range(0, nodes.size())
                .forEach(i -> nodes.get(i).answer(question -> Mono.just(bytes(text(question) + " by " + i))));

        for (Peers node : nodes) {
            List<PeerReply> replies = ask(node, "who");

            assertThat(replies)
                    .extracting(PeersContract::text)
                    .containsExactlyInAnyOrderElementsOf(IntStream.range(0, nodes.size())
                            .mapToObj(i -> "who by " + i)
                            .toList());
            assertThat(replies).extracting(PeerReply::peer).containsExactlyInAnyOrderElementsOf(known(node));
        }
    }

    @Test
    void questionAndAnswerMayBeAnyBytes() {
        byte[] any = new byte[MAX_ANSWER];
        new Random(1).nextBytes(any);
        answerAll(question -> Mono.just(question.clone()));

        assertThat(ask(first(), any, PATIENCE))
                .hasSameSizeAs(nodes)
                .allSatisfy(reply -> assertThat(bytes(reply)).isEqualTo(any));
        assertThat(ask(first(), ""))
                .hasSameSizeAs(nodes)
                .allSatisfy(reply -> assertThat(bytes(reply)).isEmpty());
    }

    @Test
    void manyQuestionsAtOnceEachGetTheirOwnAnswers() {
        answerAll(question -> Mono.just(question).delayElement(Duration.ofMillis(20)));

        List<List<String>> all = Objects.requireNonNull(Flux.range(0, OwnQuestions.MOST)
                .flatMap(
                        i -> first().ask(bytes("q" + i), PATIENCE)
                                .map(PeersContract::text)
                                .collectList(),
                        OwnQuestions.MOST)
                .collectList()
                .block(PATIENCE));

        assertThat(all)
                .containsExactlyInAnyOrderElementsOf(IntStream.range(0, OwnQuestions.MOST)
                        .mapToObj(i -> nodes.stream().map(node -> "q" + i).toList())
                        .toList());
    }

    @Test
    void nodeThatDoesNotAnswerIsNamedWhenTheTimeIsOver() {
        answerAll(question -> Mono.just(question));
        last().answer(question -> Mono.never());

        long start = System.nanoTime();
        List<PeerReply> replies = ask(first(), bytes("?"), SHORT);
        Duration took = Duration.ofNanos(System.nanoTime() - start);

        assertThat(reasons(replies)).containsExactly(PeerReply.Reason.SILENT);
        assertThat(replies).hasSameSizeAs(nodes);
        assertThat(took).isBetween(SHORT, SHORT.plus(Duration.ofSeconds(1)));
    }

    @Test
    void nodeThatCanNotAnswerIsNamed() {
        List<Function<byte[], Mono<byte[]>>> bad =
                List.of(question -> Mono.error(new IllegalStateException("no")), question -> Mono.empty(), question -> {
                    throw new IllegalStateException("no");
                });
        answerAll(question -> Mono.just(question));

        for (Function<byte[], Mono<byte[]>> handler : bad) {
            last().answer(handler);

            assertThat(reasons(ask(first(), "?"))).containsExactly(PeerReply.Reason.FAILED);
        }
    }

    /** The first test: nobody answers yet. */
    @Test
    @Order(1)
    void nodeThatNobodyAnswersForIsNamed() {
        assertThat(reasons(ask(first(), "?"))).hasSameSizeAs(nodes).containsOnly(PeerReply.Reason.FAILED);
    }

    @Test
    void nodeThatHasTooMuchToSayIsNamed() {
        answerAll(question -> Mono.just(new byte[MAX_ANSWER]));
        last().answer(question -> Mono.just(new byte[MAX_ANSWER + 1]));

        List<PeerReply> replies = ask(first(), "?");

        assertThat(replies).hasSameSizeAs(nodes);
        assertThat(reasons(replies)).containsExactly(PeerReply.Reason.TOO_LARGE);
    }

    @Test
    void asksOncePerSubscription() {
        List<String> asked = new ArrayList<>();
        first().answer(question -> {
            synchronized (asked) {
                asked.add(text(question));
            }
            return Mono.just(question);
        });

        Flux<PeerReply> question = first().ask(bytes("?"), SHORT);
        assertThat(asked).isEmpty();
        question.blockLast(PATIENCE);
        question.blockLast(PATIENCE);

        assertThat(asked).hasSize(2);
    }

    @Test
    void tooManyQuestionsAtOnceAreRefusedAndThereIsRoomAgainAfterThem() {
        Sinks.One<byte[]> late = Sinks.one();
        answerAll(question -> late.asMono());
        Disposable.Composite underWay = Disposables.composite();
        IntStream.range(0, OwnQuestions.MOST)
                .forEach(i -> underWay.add(first().ask(bytes("?"), PATIENCE).subscribe()));

        assertRefused(first());

        underWay.dispose();
        late.tryEmitEmpty();
        answerAll(question -> Mono.just(question));
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(reasons(ask(first(), "?"))).isEmpty());
    }

    @Test
    void questionsAndDeadlinesOutOfRangeAreNotTaken() {
        answerAll(question -> Mono.just(question));

        assertThat(reasons(ask(first(), new byte[64 * 1024], PATIENCE)))
                .hasSameSizeAs(nodes)
                .containsOnly(PeerReply.Reason.TOO_LARGE);
        assertThatThrownBy(() -> ask(first(), new byte[64 * 1024 + 1], PATIENCE))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> ask(first(), bytes("?"), Duration.ZERO)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> ask(first(), bytes("?"), Duration.ofSeconds(61)))
                .isInstanceOf(IllegalArgumentException.class);
    }

    private Peers last() {
        return nodes.get(nodes.size() - 1);
    }

    public static List<Peer> known(Peers node) {
        return Objects.requireNonNull(node.nodes().block(PATIENCE));
    }

    public static List<PeerReply> ask(Peers node, String question) {
        return ask(node, bytes(question), PATIENCE);
    }

    public static List<PeerReply> ask(Peers node, byte[] question, Duration deadline) {
        return Objects.requireNonNull(node.ask(question, deadline).collectList().block(PATIENCE.multipliedBy(2)));
    }

    /** A question, and the list of the nodes, that fail at once as they should if there is no way to ask. */
    public static void assertRefused(Peers node) {
        assertThatThrownBy(() -> ask(node, "?"))
                .isInstanceOfSatisfying(
                        RefusedException.class,
                        refused -> assertThat(refused.code()).isEqualTo(ErrorCode.BROKER_UNAVAILABLE));
    }

    /** Why answers are missing. */
    public static List<PeerReply.Reason> reasons(List<PeerReply> replies) {
        return replies.stream()
                .filter(PeerReply.Missing.class::isInstance)
                .map(reply -> ((PeerReply.Missing) reply).reason())
                .toList();
    }

    public static String text(PeerReply reply) {
        return reply instanceof PeerReply.Answer answer ? text(answer.bytes()) : reply.toString();
    }

    private static byte[] bytes(PeerReply reply) {
        return ((PeerReply.Answer) reply).bytes();
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }

    public static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
