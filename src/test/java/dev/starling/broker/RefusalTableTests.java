package dev.starling.broker;

import static dev.starling.broker.Refusal.Kind.TOKEN;
import static dev.starling.broker.Refusal.Kind.USER;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class RefusalTableTests {

    private final AtomicLong now = new AtomicLong(1_000);
    private final RefusalTable table = new RefusalTable(() -> Instant.ofEpochMilli(now.get()));
    private final List<Refusal> told = new ArrayList<>();

    @BeforeEach
    void listen() {
        table.listen(told::add);
    }

    @Test
    void refusalHoldsUntilTheMomentThatItNames() {
        table.put(new Refusal(USER, "ann", 2_000));

        now.set(1_999);
        assertThat(table.isRefused("ann", null)).isTrue();
        now.set(2_000);
        assertThat(table.isRefused("ann", null)).isFalse();
    }

    @Test
    void whatIsOverIsForgottenWhenAllAreAskedFor() {
        table.put(new Refusal(USER, "ann", 2_000));
        table.put(new Refusal(TOKEN, "t", 3_000));
        now.set(2_000);

        assertThat(table.size()).isEqualTo(2);
        assertThat(table.all()).containsExactly(new Refusal(TOKEN, "t", 3_000));
        assertThat(table.size()).isEqualTo(1);
    }

    @Test
    void whatIsOverIsNotTakenInAndIsNewWhenItComesAgain() {
        table.put(new Refusal(USER, "ann", 1_000));
        assertThat(table.size()).isZero();

        table.put(new Refusal(USER, "ann", 2_000));
        now.set(2_000);
        table.put(new Refusal(USER, "ann", 3_000));

        assertThat(told).extracting(Refusal::untilMillis).containsExactly(2_000L, 3_000L);
    }

    @Test
    void replacedByAnotherListItHasThatAndTellsWhatIsNew() {
        table.put(new Refusal(USER, "ann", 2_000));
        table.put(new Refusal(USER, "ben", 2_000));
        told.clear();

        table.replace(List.of(
                new Refusal(USER, "ben", 3_000), new Refusal(TOKEN, "ann", 3_000), new Refusal(USER, "old", 500)));

        assertThat(table.all())
                .containsExactlyInAnyOrder(new Refusal(USER, "ben", 3_000), new Refusal(TOKEN, "ann", 3_000));
        assertThat(told).containsExactly(new Refusal(TOKEN, "ann", 3_000));
    }
}
