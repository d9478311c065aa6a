package dev.starling.websocket;

import static org.assertj.core.api.Assertions.assertThat;

import dev.starling.security.VerifiedToken;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import reactor.core.Disposable;

/** Two event loops, which run what they are told to when the test lets them. */
final class OpenConnectionsTests {

    private static final int TURN = 1000;

    private final Wire one = new Wire();
    private final Wire other = new Wire();
    private final SessionFixture fixture = new SessionFixture();
    private final OpenConnections connections = new OpenConnections(fixture.node.registry());

    @AfterEach
    void close() {
        one.close();
        other.close();
        fixture.close();
    }

    @Test
    void pagesHaveAllConnectionsOfAllLoopsOnceInTheOrderOfTheirIds() {
        add(one, "ann", 30);
        add(other, "bob", 23);
        List<String> all = new ArrayList<>();

        for (List<String> page = page("", "", 10); !page.isEmpty(); page = page("", all.get(all.size() - 1), 10)) {
            assertThat(page).hasSizeLessThanOrEqualTo(10);
            all.addAll(page);
        }

        assertThat(all).hasSize(53).isSorted().doesNotHaveDuplicates();
    }

    @Test
    void onlyThoseThatAreSearchedForAreThere() {
        List<Session> ann = add(one, "Ann", 3);
        List<Session> bob = add(other, "bob", 3);

        assertThat(page("aNN", "", 10)).containsExactlyElementsOf(ids(ann));
        assertThat(page(bob.get(1).id(), "", 10)).contains(bob.get(1).id());
        assertThat(page("LOCAL", "", 10)).hasSize(6);
        assertThat(page("nobody", "", 10)).isEmpty();
    }

    @Test
    void aConnectionIsDescribedAsItIs() {
        Session session = add(one, "ann", 1).get(0);
        session.traffic().received(10);
        session.traffic().sent(2, 50);
        session.liveness().ping(TimeUnit.SECONDS.toNanos(1_000_000), 1);
        session.liveness().answered(TimeUnit.SECONDS.toNanos(1_000_000) + 2_345_678);

        OpenConnection found = list("", "", 10).get(0);

        assertThat(found.node()).isEqualTo("test");
        assertThat(found.user()).isEqualTo("ann");
        assertThat(found.address()).isEqualTo("local");
        assertThat(found.since()).isBetween(System.currentTimeMillis() - 60_000, System.currentTimeMillis());
        assertThat(found.subscriptions()).isZero();
        assertThat(found.pendingBytes()).isZero();
        assertThat(found.roundTripMillis()).isEqualTo(2.345);
        assertThat(found.messagesIn()).isEqualTo(1);
        assertThat(found.messagesOut()).isEqualTo(2);
    }

    @Test
    void aLoopServesOthersBetweenItsTurns() {
        add(one, "ann", 2 * TURN + 1);
        List<List<OpenConnection>> results = new ArrayList<>();
        List<Integer> turns = new ArrayList<>();

        Disposable search = connections
                .list(new OpenConnections.Search(null, "nobody", null, null), "", 10)
                .subscribe(results::add);
        one.channel.eventLoop().execute(() -> turns.add(results.size()));
        run();

        assertThat(search.isDisposed()).isTrue();
        assertThat(turns)
                .as("what came after the search began ran before it had ended")
                .containsExactly(0);
        assertThat(results).containsExactly(List.of());
    }

    @Test
    void aSearchThatNobodyWaitsForEnds() {
        add(one, "ann", 2 * TURN + 1);
        List<List<OpenConnection>> results = new ArrayList<>();

        connections
                .list(new OpenConnections.Search(null, "nobody", null, null), "", 10)
                .subscribe(results::add)
                .dispose();
        run();

        assertThat(results).isEmpty();
    }

    @Test
    void aNodeWithoutConnectionsHasNone() {
        assertThat(page("", "", 10)).isEmpty();
    }

    private List<Session> add(Wire wire, String user, int count) {
        List<Session> sessions = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            sessions.add(fixture.session(wire, wire.outbox(), new VerifiedToken(user, null, 0, List.of(), List.of())));
        }
        return sessions;
    }

    private List<String> page(String query, String after, int limit) {
        return list(query, after, limit).stream()
                .map(OpenConnection::connection)
                .toList();
    }

    private List<OpenConnection> list(String query, String after, int limit) {
        List<OpenConnection> found = new ArrayList<>();
        connections
                .list(new OpenConnections.Search(null, query, null, null), after, limit)
                .subscribe(found::addAll);
        run();
        return found;
    }

    private void run() {
        one.channel.runPendingTasks();
        other.channel.runPendingTasks();
    }

    private static List<String> ids(List<Session> sessions) {
        return sessions.stream().map(Session::id).toList();
    }
}
