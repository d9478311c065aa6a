package dev.starling.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.starling.protocol.ChannelName;
import dev.starling.protocol.Member;
import dev.starling.protocol.PresenceChange;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;

/** What every {@link PresenceStore} promises; a test of each implementation extends it. */
public abstract class PresenceContract {

    public static final Duration PATIENCE = Duration.ofSeconds(20);
    public static final ChannelName CHANNEL = new ChannelName("room:1");
    public static final ChannelName OTHER = new ChannelName("room:2");
    public static final int MANY = 1000;

    private List<PresenceStore> nodes = List.of();
    private final List<PresenceChange> changes = new CopyOnWriteArrayList<>();

    /** New stores, each of one node, joined to each other: one if this kind joins none. Called once per test. */
    protected abstract List<PresenceStore> nodes();

    @BeforeEach
    void joinTheNodes() {
        nodes = nodes();
        nodes.forEach(node -> node.listen(changes::add));
    }

    private PresenceStore first() {
        return nodes.get(0);
    }

    private PresenceStore last() {
        return nodes.get(nodes.size() - 1);
    }

    @Test
    void nobodyIsInAChannelThatNobodyEntered() {
        assertThat(members(first(), CHANNEL, MANY)).isEqualTo(new PresencePage(0, List.of()));
    }

    @Test
    void whoEntersIsSeenByAllNodesUntilItLeaves() {
        Member member = member("ann", "c1", 5);

        enter(first(), CHANNEL, member);
        for (PresenceStore node : nodes) {
            assertThat(members(node, CHANNEL, MANY)).isEqualTo(new PresencePage(1, List.of(member)));
        }

        leave(first(), CHANNEL, "c1");
        for (PresenceStore node : nodes) {
            assertThat(members(node, CHANNEL, MANY)).isEqualTo(new PresencePage(0, List.of()));
        }
    }

    @Test
    void namesAndCountsTheChannelThatIsAskedForOnly() {
        enter(first(), CHANNEL, member("ann", "c1", 1));
        enter(first(), OTHER, member("ben", "c2", 1));
        enter(first(), OTHER, member("ann", "c1", 1));

        leave(first(), OTHER, "c1");

        assertThat(connections(members(last(), CHANNEL, MANY))).containsExactly("c1");
        assertThat(connections(members(last(), OTHER, MANY))).containsExactly("c2");
    }

    @Test
    void aUserIsThereOncePerConnection() {
        enter(first(), CHANNEL, member("ann", "c1", 1));
        enter(last(), CHANNEL, member("ann", "c2", 2));

        leave(first(), CHANNEL, "c1");

        assertThat(members(first(), CHANNEL, MANY)).isEqualTo(new PresencePage(1, List.of(member("ann", "c2", 2))));
    }

    @Test
    void aUserMayHaveAnyCharacters() {
        List<String> users = List.of(" ", "a b  c", "é\uD83D\uDE00", "a:b{c}*\"\\", "x".repeat(255), "1");

        IntStream.range(0, users.size()).forEach(i -> enter(first(), CHANNEL, member(users.get(i), "c" + i, i)));

        assertThat(members(last(), CHANNEL, MANY).members())
                .extracting(Member::user)
                .containsExactlyElementsOf(users);
    }

    @Test
    void namesThoseWhoCameFirstAndCountsAll() {
        IntStream.range(0, 40)
                .forEach(i -> enter(nodes.get(i % nodes.size()), CHANNEL, member("u" + i, "c" + (99 - i), 1_000 + i)));

        PresencePage page = members(first(), CHANNEL, 3);

        assertThat(page.count()).isEqualTo(40);
        assertThat(page.members())
                .containsExactly(member("u0", "c99", 1_000), member("u1", "c98", 1_001), member("u2", "c97", 1_002));
        assertThat(members(first(), CHANNEL, 40).members()).hasSize(40);
    }

    @Test
    void namesNobodyIfThatIsAskedForAndCountsStill() {
        enter(first(), CHANNEL, member("ann", "c1", 1));

        assertThat(members(first(), CHANNEL, 0)).isEqualTo(new PresencePage(1, List.of()));
    }

    @Test
    void enteringTwiceIsAsOnce() {
        enter(first(), CHANNEL, member("ann", "c1", 1));
        enter(first(), CHANNEL, member("ann", "c1", 1));

        assertThat(members(first(), CHANNEL, MANY).count()).isEqualTo(1);
        awaitTold(1);
    }

    @Test
    void leavingWhereOneIsNotChangesNothing() {
        enter(first(), CHANNEL, member("ann", "c1", 1));

        leave(first(), CHANNEL, "c2");
        leave(first(), OTHER, "c1");

        assertThat(members(first(), CHANNEL, MANY).count()).isEqualTo(1);
        awaitTold(1);
    }

    @Test
    void eachComingAndGoingIsToldOnce() {
        Member ann = member("ann", "c1", 1);
        Member ben = member("ben", "c2", 2);

        enter(first(), CHANNEL, ann);
        awaitTold(1);
        enter(last(), CHANNEL, ben);
        awaitTold(2);
        leave(first(), CHANNEL, "c1");
        enter(first(), CHANNEL, member("ann", "c1", 3));
        awaitTold(4);

        assertThat(changes)
                .containsExactly(
                        new PresenceChange(CHANNEL, true, ann),
                        new PresenceChange(CHANNEL, true, ben),
                        new PresenceChange(CHANNEL, false, ann),
                        new PresenceChange(CHANNEL, true, member("ann", "c1", 3)));
    }

    @Test
    void manyWhoComeAndGoAtOnceEndWhereTheyShould() {
        Random random = new Random(42);
        Map<String, Boolean> there = new HashMap<>();
        Flux<Void> all = Flux.empty();
        for (int i = 0; i < 3_000; i++) {
            int number = random.nextInt(600);
            PresenceStore node = nodes.get(number % nodes.size());
            String connection = "c" + number;
            boolean comes = random.nextBoolean();
            there.put(connection, comes);
            all = all.mergeWith(
                    comes ? node.enter(CHANNEL, member("u", connection, i + 1L)) : node.leave(CHANNEL, connection));
        }
        all.then().block(PATIENCE);

        List<String> expected = there.entrySet().stream()
                .filter(Map.Entry::getValue)
                .map(Map.Entry::getKey)
                .toList();
        PresencePage page = members(first(), CHANNEL, MANY);
        assertThat(connections(page)).containsExactlyInAnyOrderElementsOf(expected);
        assertThat(page.count()).isEqualTo(expected.size());
        assertToldAsItWas(expected);
    }

    /** A node tells of a change beside its answer to the one who made it: before or after. */
    private void awaitTold(int count) {
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(changes).hasSize(count));
    }

    /** Of each connection the changes alternate, and add up to what is there now. */
    private void assertToldAsItWas(List<String> expected) {
        await().atMost(PATIENCE).untilAsserted(() -> {
            Map<String, Boolean> told = new HashMap<>();
            for (PresenceChange change : changes) {
                Boolean before = told.put(change.member().connection(), change.joined());
                assertThat(change.joined()).isEqualTo(before == null || !before);
            }
            assertThat(told.entrySet().stream().filter(Map.Entry::getValue).map(Map.Entry::getKey))
                    .containsExactlyInAnyOrderElementsOf(expected);
        });
    }

    public static Member member(String user, String connection, long sinceMillis) {
        return new Member(user, connection, sinceMillis);
    }

    public static void enter(PresenceStore node, ChannelName channel, Member member) {
        node.enter(channel, member).block(PATIENCE);
    }

    public static void leave(PresenceStore node, ChannelName channel, String connection) {
        node.leave(channel, connection).block(PATIENCE);
    }

    public static PresencePage members(PresenceStore node, ChannelName channel, int limit) {
        return Objects.requireNonNull(node.members(channel, limit).block(PATIENCE));
    }

    public static List<String> connections(PresencePage page) {
        return page.members().stream().map(Member::connection).toList();
    }
}
