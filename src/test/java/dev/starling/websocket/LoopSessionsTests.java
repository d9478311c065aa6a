package dev.starling.websocket;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class LoopSessionsTests {

    private static final int PARTS = 20;

    private final Wire wire = new Wire();
    private final SessionFixture fixture = new SessionFixture();
    private final LoopSessions sessions = new LoopSessions(wire.channel.eventLoop());
    private final Deque<Session> all = new ArrayDeque<>();

    @AfterEach
    void close() {
        wire.close();
        fixture.close();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 19, 20, 21, 100, 333})
    void aRoundVisitsEveryoneOnce(int count) {
        add(count);
        Rounds rounds = new Rounds();

        while (rounds.ended < 5) {
            rounds.step();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {20, 100, 333})
    void aRoundTakesAsManyPartsAsItIsTo(int count) {
        add(count);
        LoopSessions.Round round = sessions.new Round(PARTS);
        List<Integer> parts = new ArrayList<>();

        for (int i = 0; i < PARTS; i++) {
            int[] visited = new int[1];
            round.next(session -> visited[0]++);
            parts.add(visited[0]);
        }

        int largest = (count + PARTS - 1) / PARTS;
        assertThat(parts).allSatisfy(part -> assertThat(part).isLessThanOrEqualTo(largest));
        assertThat(parts.stream().mapToInt(Integer::intValue).sum()).isGreaterThanOrEqualTo(count);
    }

    @ParameterizedTest
    @ValueSource(longs = {21, 22, 23, 24, 25})
    void whileSessionsComeAndGoAtTheEndWhoeverStaysIsVisitedOnce(long seed) {
        Random random = new Random(seed);
        add(300);
        Rounds rounds = new Rounds();

        while (rounds.ended < 20) {
            rounds.step();
            for (int n = random.nextInt(4); n > 0 && all.size() > 150; n--) {
                Session last = all.removeLast();
                sessions.remove(last);
                rounds.stayed.remove(last);
            }
            add(random.nextInt(4));
        }
    }

    @Test
    void whoLeavesFromWithinAWalkCostsTheOthersNoVisit() {
        add(100);
        LoopSessions.Round round = sessions.new Round(PARTS);
        Map<Session, Integer> visits = new HashMap<>();
        do {
            round.next(session -> {
                visits.merge(session, 1, Integer::sum);
                if (visits.size() % 3 == 0) {
                    sessions.remove(session);
                }
            });
        } while (visits.size() < 100
                && visits.values().stream().mapToInt(Integer::intValue).sum() < 1_000);

        assertThat(visits).as("at the latest in the next round").hasSize(100);
    }

    @ParameterizedTest
    @ValueSource(longs = {31, 32, 33, 34, 35})
    void whileSessionsComeAndGoAnywhereAWalkVisitsAllThatStay(long seed) {
        Random random = new Random(seed);
        add(300);
        Set<Session> stayed = new HashSet<>(all);
        Set<Session> visited = new HashSet<>();
        LoopSessions.Walk walk = sessions.new Walk();

        while (walk.next(1 + random.nextInt(20), visited::add)) {
            for (int n = random.nextInt(8); n > 0; n--) {
                Session gone = new ArrayList<>(all).get(random.nextInt(all.size()));
                all.remove(gone);
                stayed.remove(gone);
                sessions.remove(gone);
            }
            add(random.nextInt(8));
        }

        assertThat(stayed).isNotEmpty();
        assertThat(visited).containsAll(stayed);
    }

    @Test
    void aWalkVisitsNoMoreThanItIsTo() {
        add(25);
        LoopSessions.Walk walk = sessions.new Walk();
        List<Session> visited = new ArrayList<>();

        assertThat(walk.next(10, visited::add)).isTrue();
        assertThat(visited).hasSize(10);
        assertThat(walk.next(10, visited::add)).isTrue();
        assertThat(walk.next(10, visited::add)).isFalse();
        assertThat(visited).hasSize(25).doesNotHaveDuplicates();
    }

    @Test
    void anEmptyLoopIsWalkedToo() {
        LoopSessions.Round round = sessions.new Round(PARTS);

        assertThat(round.next(session -> {})).isTrue();
        assertThat(sessions.new Walk().next(1, session -> {})).isFalse();
        add(1);
        List<Session> visited = new ArrayList<>();
        round.next(visited::add);
        assertThat(visited).containsExactlyElementsOf(all);
    }

    @Test
    void oneSessionsFaultCostsTheOthersNoVisit() {
        add(5);
        List<Session> visited = new ArrayList<>();

        sessions.forEach(session -> {
            visited.add(session);
            throw new IllegalStateException("a fault, as the test wants it");
        });
        sessions.new Round(1).next(session -> {
            visited.add(session);
            throw new IllegalStateException("a fault, as the test wants it");
        });

        assertThat(visited).hasSize(10).containsAll(all);
    }

    @Test
    void whatWaitsForTheClientsIsAddedUpOverARound() {
        wire.stall();
        add(10);
        LoopSessions.Backlog backlog = sessions.new Backlog(3);
        wire.outbox().sendControl(Unpooled.buffer().writeZero(1_000));
        long each = wire.outbox().pendingBytes();
        assertThat(each).isGreaterThanOrEqualTo(1_000);

        for (int i = 0; i < 4; i++) {
            backlog.run();
        }

        assertThat(sessions.pendingBytes()).isEqualTo(10 * each); // all have the same wire here
        wire.channel.close();
        for (int i = 0; i < 6; i++) {
            backlog.run();
        }
        assertThat(sessions.pendingBytes()).isZero();
    }

    private void add(int count) {
        for (int i = 0; i < count; i++) {
            Session session = fixture.session(wire, wire.outbox());
            fixture.node.registry().remove(session); // it lies in the bag of this test instead
            sessions.add(session);
            all.addLast(session);
        }
    }

    /** Walks in parts, and looks at each round that has ended. */
    private final class Rounds {

        private final LoopSessions.Round round = sessions.new Round(PARTS);
        private Map<Session, Integer> visits = new HashMap<>();
        private Set<Session> stayed = new HashSet<>(all);
        private int ended;

        private void step() {
            List<Session> part = new ArrayList<>();
            boolean first = round.next(part::add);
            if (first) {
                assertThat(visits.keySet()).containsAll(stayed);
                assertThat(visits.values()).allMatch(times -> times == 1);
                ended++;
                visits = new HashMap<>();
                stayed = new HashSet<>(all);
            }
            part.forEach(session -> visits.merge(session, 1, Integer::sum));
        }
    }
}
