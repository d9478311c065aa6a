package dev.starling.broker;

import static dev.starling.broker.Refusal.Kind.TOKEN;
import static dev.starling.broker.Refusal.Kind.USER;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.starling.protocol.ErrorCode;
import dev.starling.protocol.RefusedException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What all {@link Revocations} promise; a test of each implementation extends it. */
public abstract class RevocationsContract {

    public static final Duration PATIENCE = Duration.ofSeconds(20);

    /** How many there may be here. */
    public static final int MOST = 5;

    private static final Duration POLL = Duration.ofMillis(10);

    private List<Revocations> nodes = List.of();

    /**
     * New ones that tell each other, of one node each: one if this kind joins none. Called once per instance of the test
     * class: nodes that take long to start are for all of its tests.
     */
    protected abstract List<Revocations> nodes();

    @BeforeEach
    void joinTheNodes() {
        if (nodes.isEmpty()) {
            nodes = nodes();
        }
    }

    @AfterEach
    void liftAll() {
        nodes.forEach(node -> node.refusals().forEach(refusal -> lift(node, refusal.kind(), refusal.subject())));
        nodes.forEach(node -> await(() -> node.refusals().isEmpty()));
    }

    private Revocations first() {
        return nodes.get(0);
    }

    private Revocations last() {
        return nodes.get(nodes.size() - 1);
    }

    @Test
    void nobodyIsRefusedWhoWasNotNamed() {
        assertThat(first().isRefused("ann", "t1")).isFalse();
        assertThat(first().isRefused(null, null)).isFalse();
    }

    @Test
    void userIsRefusedOnAllNodesUntilThatIsLifted() {
        refuse(first(), user("ann"));
        assertThat(first().isRefused("ann", "t1")).isTrue();
        nodes.forEach(node -> await(() -> node.isRefused("ann", null)));
        assertThat(last().isRefused("ben", "ann")).isFalse();

        lift(last(), USER, "ann");
        assertThat(last().isRefused("ann", null)).isFalse();
        nodes.forEach(node -> await(() -> !node.isRefused("ann", null)));
    }

    @Test
    void tokenIsRefusedOnAllNodesAndItsUserIsNot() {
        refuse(first(), new Refusal(TOKEN, "t1", soon()));

        nodes.forEach(node -> await(() -> node.isRefused("ann", "t1")));
        assertThat(last().isRefused("ann", "t2")).isFalse();
        assertThat(last().isRefused("ann", null)).isFalse();
        assertThat(last().isRefused("t1", null)).isFalse();
        lift(first(), USER, "t1");
        lift(first(), TOKEN, "t1");
        lift(first(), TOKEN, "t1");
        nodes.forEach(node -> await(() -> !node.isRefused("ann", "t1")));
    }

    @Test
    void eachNodeListsWhatIsRefused() {
        Refusal ann = user("ann");
        Refusal token = new Refusal(TOKEN, "t1", soon());
        refuse(first(), ann);
        refuse(last(), token);
        refuse(last(), new Refusal(USER, "short", System.currentTimeMillis() + 400));

        nodes.forEach(node -> await(() -> node.isRefused("ann", "t1") && !node.isRefused("short", null)));

        assertThat(nodes).allSatisfy(node -> assertThat(node.refusals()).containsExactlyInAnyOrder(ann, token));
    }

    @Test
    void eachNodeTellsOfANewRefusalOnce() {
        List<List<Refusal>> told = nodes.stream()
                .<List<Refusal>>map(node -> new CopyOnWriteArrayList<>())
                .toList();
        IntStream.range(0, nodes.size()).forEach(i -> nodes.get(i).listen(told.get(i)::add));
        Refusal ann = user("ann");
        Refusal longer = new Refusal(USER, "ann", ann.untilMillis() + 1);
        Refusal token = new Refusal(TOKEN, "ann", soon());

        refuse(first(), ann);
        refuse(last(), longer);
        refuse(first(), token);

        told.forEach(node -> await(() -> node.size() == 2));
        assertThat(told).allSatisfy(node -> assertThat(node.get(1)).isEqualTo(token));
        assertThat(told.get(0).get(0)).isEqualTo(ann);
        lift(first(), TOKEN, "ann");
        nodes.forEach(node -> await(() -> !node.isRefused(null, "ann")));
        refuse(last(), token);
        told.forEach(node -> await(() -> node.size() == 3));
    }

    @Test
    void whoseListenerFailsIsRefusedAsAnybodyElse() {
        first().listen(refusal -> {
            throw new IllegalStateException("no");
        });
        List<Refusal> told = new CopyOnWriteArrayList<>();
        first().listen(told::add);

        refuse(first(), user("ann"));

        assertThat(first().isRefused("ann", null)).isTrue();
        assertThat(told).hasSize(1);
    }

    @Test
    void refusalIsOverWhenItsTimeIs() {
        refuse(first(), new Refusal(USER, "ann", System.currentTimeMillis() + 400));
        nodes.forEach(node -> await(() -> !node.isRefused("ann", null)));

        refuse(first(), user("ann"));
        nodes.forEach(node -> await(() -> node.isRefused("ann", null)));
        refuse(last(), new Refusal(USER, "ann", System.currentTimeMillis() + 400));
        nodes.forEach(node -> await(() -> !node.isRefused("ann", null)));
    }

    @Test
    void subjectsMayHaveAnyCharacters() {
        List<String> subjects = List.of(" ", "é\uD83D\uDE00", "a:b{c}*\"\\\r\n\0", "x".repeat(255));

        subjects.forEach(subject -> refuse(first(), user(subject)));

        nodes.forEach(node -> await(() -> subjects.stream().allMatch(subject -> node.isRefused(subject, null))));
    }

    @Test
    void noMoreAreTakenThanThereMayBe() {
        refuse(first(), new Refusal(TOKEN, "short", System.currentTimeMillis() + 1500));
        IntStream.range(1, MOST).forEach(i -> refuse(first(), user("u" + i)));

        assertThatThrownBy(() -> refuse(last(), user("one more")))
                .isInstanceOfSatisfying(
                        RefusedException.class,
                        refused -> assertThat(refused.code()).isEqualTo(ErrorCode.BROKER_UNAVAILABLE));
        assertThat(last().isRefused("one more", null)).isFalse();
        refuse(last(), user("u1"));
        await(() -> !first().isRefused(null, "short"));
        await(() -> taken(last(), user("one more")));
        assertThat(taken(last(), user("two more"))).isFalse();
        lift(last(), USER, "u2");
        refuse(last(), user("two more"));
    }

    @Test
    void refusalThatIsOverOrTooLongIsNotTaken() {
        long month = Duration.ofDays(30).toMillis();
        long now = System.currentTimeMillis();

        refuse(first(), new Refusal(USER, "ann", now + month - 1000));
        for (long until : new long[] {now + month + 60_000, now - 1, 0, Long.MIN_VALUE, Long.MAX_VALUE}) {
            assertThatThrownBy(() -> refuse(first(), new Refusal(USER, "ben", until)))
                    .isInstanceOf(IllegalArgumentException.class);
        }
        assertThat(first().isRefused("ben", null)).isFalse();
    }

    @Test
    void subjectHas1To255Characters() {
        assertThatThrownBy(() -> user("")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> user("x".repeat(256))).isInstanceOf(IllegalArgumentException.class);
    }

    private static boolean taken(Revocations node, Refusal refusal) {
        try {
            refuse(node, refusal);
            return true;
        } catch (RefusedException full) {
            return false;
        }
    }

    /** One that holds for a minute. */
    public static Refusal user(String name) {
        return new Refusal(USER, name, soon());
    }

    private static long soon() {
        return System.currentTimeMillis() + 60_000;
    }

    public static void refuse(Revocations node, Refusal refusal) {
        node.refuse(refusal).block(PATIENCE);
    }

    public static void lift(Revocations node, Refusal.Kind kind, String subject) {
        node.lift(kind, subject).block(PATIENCE);
    }

    public static void await(Callable<Boolean> fact) {
        Awaitility.await()
                .atMost(PATIENCE)
                .pollDelay(Duration.ZERO)
                .pollInterval(POLL)
                .until(fact);
    }
}
