package dev.starling.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.starling.protocol.Publication;
import dev.starling.protocol.StreamPosition;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import reactor.test.StepVerifier;

/** What every {@link Broker} promises of histories that are read. */
public abstract class HistoryContract extends BrokerFixture {

    @Test
    void saysWhichChannelsKeepAHistory() {
        assertThat(broker().keepsHistory(kept)).isTrue();
        assertThat(broker().keepsHistory(channel)).isFalse();
    }

    @Test
    void theHistoryOfAChannelWithoutOneIsAFault() {
        StepVerifier.create(broker().history(channel, null, 1, Long.MAX_VALUE))
                .expectError(IllegalArgumentException.class)
                .verify(PATIENCE);
    }

    @Test
    void aChannelWithoutMessagesHasAnEpochForEveryNode() {
        StreamPosition position = done(broker().subscribe(kept));

        assertThat(position.offset()).isZero();
        assertThat(position.epoch()).isNotEmpty();
        for (Broker node : nodes) {
            assertThat(read(node, null, 10)).isEqualTo(new HistoryPage(position, List.of()));
        }
        assertThat(keep(lastNode(), "1", null)).isEqualTo(new StreamPosition(position.epoch(), 1));
    }

    @Test
    void theHistoryIsReadAfterAPositionUpToALimit() {
        List<StreamPosition> positions = keepSome(10);

        for (Broker node : nodes) {
            assertThat(texts(read(node, null, 100))).isEqualTo(numbers(1, 10));
            assertThat(texts(read(node, positions.get(3), 100))).isEqualTo(numbers(5, 10));
            assertThat(texts(read(node, positions.get(3), 2))).isEqualTo(numbers(5, 6));
            assertThat(texts(read(node, positions.get(9), 100))).isEmpty();
            HistoryPage top = read(node, positions.get(3), 0);
            assertThat(top).isEqualTo(new HistoryPage(positions.get(9), List.of()));
        }
        assertThat(read(broker(), null, 100).publications())
                .extracting(Publication::position)
                .isEqualTo(positions);
    }

    @Test
    void aPositionHoldsUpToTheNewestMessage() {
        List<StreamPosition> positions = keepSome(10);
        StreamPosition beyond = new StreamPosition(positions.get(0).epoch(), 11);
        StreamPosition foreign = new StreamPosition("another", 1);

        for (Broker node : nodes) {
            assertThat(read(node, beyond, 100).holds(beyond)).isFalse();
            assertThat(read(node, foreign, 100).holds(foreign)).isFalse();
            assertThat(read(node, null, 100).holds(null)).isTrue();
            assertThat(texts(read(node, beyond, 100))).isEmpty();
        }
        assertThat(positions)
                .allSatisfy(position -> assertThat(read(broker(), position, 100).holds(position))
                        .isTrue());
    }

    @Test
    void theHistoryIsReadBackwardsFromAPosition() {
        List<StreamPosition> positions = keepSome(10);

        for (Broker node : nodes) {
            assertThat(texts(back(node, null, 3, Long.MAX_VALUE))).containsExactly("8", "9", "10");
            assertThat(texts(back(node, positions.get(7), 3, Long.MAX_VALUE))).containsExactly("5", "6", "7");
            assertThat(texts(back(node, positions.get(1), 3, Long.MAX_VALUE))).containsExactly("1");
            assertThat(texts(back(node, positions.get(0), 3, Long.MAX_VALUE))).isEmpty();
            assertThat(texts(back(node, positions.get(7), 0, Long.MAX_VALUE))).isEmpty();
            assertThat(back(node, positions.get(7), 3, Long.MAX_VALUE).top()).isEqualTo(positions.get(9));
            assertThat(texts(back(node, new StreamPosition("another", 5), 2, Long.MAX_VALUE)))
                    .containsExactly("9", "10");
        }
        assertThat(texts(back(broker(), positions.get(8), 100, 1)))
                .as("two messages in any case")
                .containsExactly("7", "8");
        assertThat(texts(back(broker(), positions.get(8), 100, 5))).containsExactly("4", "5", "6", "7", "8");
        StepVerifier.create(broker().historyBefore(channel, null, 1, Long.MAX_VALUE))
                .expectError(IllegalArgumentException.class)
                .verify(PATIENCE);
    }

    @Test
    void theHistoryIsReadBackwardsNoFurtherThanItIsKept() {
        int top = 3 * KEPT_SIZE;
        List<StreamPosition> positions = keepSome(top);

        assertThat(texts(back(broker(), null, 10 * KEPT_SIZE, Long.MAX_VALUE)))
                .isEqualTo(numbers(top - KEPT_SIZE + 1, top));
        assertThat(texts(back(broker(), positions.get(top - KEPT_SIZE), 10, Long.MAX_VALUE)))
                .isEmpty();
    }

    private HistoryPage back(Broker node, @Nullable StreamPosition before, int limit, long maxBytes) {
        return done(node.historyBefore(kept, before, limit, maxBytes));
    }

    @Test
    void theHistoryIsReadUpToSomeBytesButTwoMessagesInAnyCase() {
        keepSome(9); // of one byte each

        assertThat(texts(done(broker().history(kept, null, 100, 1)))).containsExactly("1", "2");
        assertThat(texts(done(broker().history(kept, null, 1, 1)))).containsExactly("1");
        assertThat(texts(done(broker().history(kept, null, 100, 5)))).containsExactly("1", "2", "3", "4", "5");
        assertThat(texts(done(broker().history(kept, null, 100, 9)))).hasSize(9);
    }

    @Test
    void afterAPositionOfAnotherEpochTheWholeHistoryIsRead() {
        keepSome(3);

        assertThat(texts(read(broker(), new StreamPosition("another", 2), 100))).isEqualTo(numbers(1, 3));
    }

    @Test
    void onlyTheNewestMessagesAreKept() {
        List<StreamPosition> positions = keepSome(3 * KEPT_SIZE + 7);
        int top = positions.size();

        HistoryPage all = read(broker(), null, 10 * KEPT_SIZE);

        assertThat(texts(all)).isEqualTo(numbers(top - KEPT_SIZE + 1, top));
        assertThat(read(broker(), positions.get(0), 10 * KEPT_SIZE).publications())
                .extracting(Publication::position)
                .isEqualTo(positions.subList(top - KEPT_SIZE, top));
    }

    @Test
    void theHistoryExpiresAndThePositionGoesOn() {
        StreamPosition first = done(broker().publish(brief, bytes("1"), null));
        await().atMost(PATIENCE)
                .until(() -> done(broker().history(brief, null, 10, Long.MAX_VALUE))
                        .publications()
                        .isEmpty());

        HistoryPage expired = done(broker().history(brief, null, 10, Long.MAX_VALUE));
        StreamPosition second = done(broker().publish(brief, bytes("2"), null));

        assertThat(expired.top()).isEqualTo(first);
        assertThat(second).isEqualTo(new StreamPosition(first.epoch(), 2));
        assertThat(texts(done(broker().history(brief, null, 10, Long.MAX_VALUE))))
                .containsExactly("2");
    }
}
