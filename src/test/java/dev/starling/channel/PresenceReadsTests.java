package dev.starling.channel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.starling.broker.PresencePage;
import dev.starling.protocol.ChannelName;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;

final class PresenceReadsTests {

    private static final ChannelName CHANNEL = new ChannelName("c");
    private static final ChannelName OTHER = new ChannelName("d");
    private static final PresencePage OLD = new PresencePage(1, List.of());
    private static final PresencePage NEW = new PresencePage(2, List.of());

    private final SlowPresence store = new SlowPresence();
    private final PresenceReads reads = new PresenceReads(store, 10);

    @Test
    void nothingIsReadUntilTheResultIsAskedFor() {
        Mono<PresencePage> unasked = reads.read(CHANNEL);

        assertThat(unasked).isNotNull();
        assertThat(store.reads()).isEmpty();
    }

    @Test
    void whoAsksMeanwhileSharesTheNextReadWhichBeginsAfterwards() {
        CompletableFuture<PresencePage> first = read();
        List<CompletableFuture<PresencePage>> others =
                IntStream.range(0, 100).mapToObj(i -> read()).toList();
        assertThat(store.reads()).hasSize(1);

        store.reads().get(0).tryEmitValue(OLD).orThrow();
        assertThat(first).isCompletedWithValue(OLD);
        assertThat(store.reads()).hasSize(2);
        assertThat(others).noneMatch(CompletableFuture::isDone);

        store.reads().get(1).tryEmitValue(NEW).orThrow();
        assertThat(others).allSatisfy(other -> assertThat(other).isCompletedWithValue(NEW));
    }

    @Test
    void whoAsksAfterwardsGetsAReadOfItsOwn() {
        read();
        store.reads().get(0).tryEmitValue(OLD).orThrow();

        CompletableFuture<PresencePage> later = read();
        store.reads().get(1).tryEmitValue(NEW).orThrow();

        assertThat(later).isCompletedWithValue(NEW);
    }

    @Test
    void aReadThatFailsFailsForThoseWhoSharedItOnly() {
        CompletableFuture<PresencePage> first = read();
        CompletableFuture<PresencePage> second = read();

        store.reads().get(0).tryEmitError(new IllegalStateException("down")).orThrow();
        assertThat(first).isCompletedExceptionally();

        store.reads().get(1).tryEmitValue(NEW).orThrow();
        assertThat(second).isCompletedWithValue(NEW);
    }

    @Test
    void oneChannelDoesNotWaitForAnother() {
        read();

        reads.read(OTHER).toFuture();

        assertThat(store.reads()).hasSize(2);
    }

    @Test
    void oneThatGivesUpTakesNothingFromTheOthers() {
        CompletableFuture<PresencePage> first = read();
        CompletableFuture<PresencePage> impatient = read();
        CompletableFuture<PresencePage> patient = read();

        first.cancel(true);
        impatient.cancel(true);
        store.reads().get(0).tryEmitValue(OLD).orThrow();
        store.reads().get(1).tryEmitValue(NEW).orThrow();

        assertThat(patient).isCompletedWithValue(NEW);
    }

    private CompletableFuture<PresencePage> read() {
        return reads.read(CHANNEL).toFuture();
    }
}
