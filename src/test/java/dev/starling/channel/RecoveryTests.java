package dev.starling.channel;

import static dev.starling.channel.HistoryFixture.at;
import static dev.starling.channel.HistoryFixture.gap;
import static dev.starling.channel.HistoryFixture.message;
import static dev.starling.channel.HistoryFixture.messages;
import static dev.starling.channel.HistoryFixture.page;
import static dev.starling.channel.HistoryFixture.restarted;
import static dev.starling.channel.HistoryFixture.wentOn;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.starling.broker.HistoryPage;
import dev.starling.protocol.EncodedMessage;
import dev.starling.protocol.ErrorCode;
import dev.starling.protocol.Member;
import dev.starling.protocol.PresenceChange;
import dev.starling.protocol.Publication;
import dev.starling.protocol.RefusedException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.util.unit.DataSize;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/** The channel is at offset 5 of the epoch "e" when the subscription stands; the history may be further. */
final class RecoveryTests {

    private HistoryFixture rig = new HistoryFixture();
    private final RecordingReceiver ann = new RecordingReceiver();
    private final Sinks.One<HistoryPage> history = Sinks.one();

    @AfterEach
    void stop() {
        rig.close();
    }

    @Test
    void whoMissedNothingIsRecoveredAtOnce() {
        Recovered result = recover("e", 5);

        assertRecovered(result, 5, List.of());
        assertThat(rig.broker.reads()).isEmpty();
        rig.arrive("e", 6);
        rig.run();
        assertThat(ann.texts()).containsExactly(message(6));
    }

    @Test
    void whoMissedSomethingGetsThatAndThenWhatIsLive() {
        Recovered result = recover("e", 2, page(5, 3, 5));

        assertRecovered(result, 2, List.of(3L, 4L, 5L));
        assertThat(result.subscription().position()).isEqualTo(at("e", 5));
        rig.arrive("e", 6);
        rig.run();
        assertThat(ann.texts()).containsExactly(message(6));
        assertThat(rig.value("ws.recoveries", "outcome", "recovered")).isEqualTo(1);
    }

    @Test
    void aHistoryWithAHoleIsNoRecovery() {
        HistoryPage holed = new HistoryPage(
                at("e", 5), List.of(HistoryFixture.publication("e", 3), HistoryFixture.publication("e", 5)));

        assertThat(recover("e", 2, holed).recovered()).isFalse();
    }

    @Test
    void whatCameMeanwhileIsPutBehindThePastWithoutWhatThePastHas() {
        CompletableFuture<Recovered> recovering = begin("e", 2);
        rig.arrive("e", 6, 9);
        rig.run();

        Recovered result = finish(recovering, page(7, 3, 7));

        assertRecovered(result, 2, List.of(3L, 4L, 5L, 6L, 7L));
        assertThat(texts(result)).isEqualTo(messages(8, 9));
        rig.arrive("e", 10);
        rig.run();
        assertThat(ann.texts()).containsExactly(message(10));
    }

    /** The history may have what this node has yet to hear. */
    @Test
    void whatTheHistoryHadAlreadyIsNotDeliveredWhenItComes() {
        Recovered result = recover("e", 4, page(8, 5, 8));

        rig.arrive("e", 6, 7);
        rig.run();
        rig.arrive("e", 8, 9);
        rig.run();

        assertRecovered(result, 4, List.of(5L, 6L, 7L, 8L));
        assertThat(ann.texts()).containsExactly(message(9));
        assertThat(result.subscription().position()).isEqualTo(at("e", 9));
    }

    /** Of two nodes, the client's last one may have been ahead of this one. */
    @Test
    void aPositionAheadOfThisNodeIsRecoveredIfTheHistoryHasIt() {
        Recovered result = recover("e", 7, page(7, 1, 0));

        assertRecovered(result, 7, List.of());
        rig.arrive("e", 6, 8);
        rig.run();
        assertThat(ann.texts()).containsExactly(message(8));
    }

    @Test
    void aPositionAheadOfTheHistoryIsNot() {
        assertUnrecovered(recover("e", 9, page(5, 1, 0)), "e", 5);
    }

    @Test
    void aPositionOfAnotherEpochIsNotAndNoHistoryIsRead() {
        assertUnrecovered(recover("old", 5), "e", 5);
        assertThat(rig.broker.reads()).isEmpty();
        rig.arrive("e", 6);
        rig.run();
        assertThat(ann.texts()).containsExactly(message(6));
    }

    @Test
    void aHistoryOfAnotherEpochIsNone() {
        HistoryPage anew = new HistoryPage(at("f", 9), List.of());

        assertUnrecovered(recover("e", 3, anew), "e", 5);
    }

    @ParameterizedTest
    @CsvSource({
        "5, 4, 5", // trimmed: 3 is gone
        "5, 1, 0", // all of it is
        "9, 3, 8" // there is more than fits into one page
    })
    void aPartOfThePastIsNothing(long top, long from, long to) {
        Recovered result = recover("e", 2, page(top, from, to));

        assertUnrecovered(result, "e", 5);
        assertThat(rig.value("ws.recoveries", "outcome", "unrecovered")).isEqualTo(1);
    }

    @Test
    void asMuchAsTheLimitIsRecovered() {
        restrict(3, DataSize.ofMegabytes(1));

        assertRecovered(recover("e", 2, page(5, 3, 5)), 2, List.of(3L, 4L, 5L));
    }

    @Test
    void moreBytesThanTheLimitAreNot() {
        restrict(3, DataSize.ofKilobytes(1));
        Publication large = new Publication(HistoryFixture.NEWS, new byte[1025], at("e", 5));

        assertUnrecovered(recover("e", 4, new HistoryPage(at("e", 5), List.of(large))), "e", 5);
    }

    @Test
    void whatCameMeanwhileIsDeliveredWithoutThePastToo() {
        CompletableFuture<Recovered> recovering = begin("e", 2);
        rig.arrive("e", 6, 7);
        rig.run();

        Recovered result = finish(recovering, page(7, 4, 7));

        assertThat(result.position()).isEqualTo(at("e", 5));
        assertThat(result.recovered()).isFalse();
        assertThat(result.missed()).isEmpty();
        assertThat(texts(result)).isEqualTo(messages(6, 7));
    }

    @Test
    void whenMoreComesMeanwhileThanIsKeptTheClientGoesOnFromThere() {
        restrict(3, DataSize.ofMegabytes(1));
        CompletableFuture<Recovered> recovering = begin("e", 2);
        rig.arrive("e", 6, 9);
        rig.run();
        rig.arrive("e", 10);
        rig.run();

        Recovered result = finish(recovering, page(9, 3, 9));

        assertThat(result.recovered()).isFalse();
        assertThat(result.position()).isEqualTo(at("e", 9));
        assertThat(texts(result)).isEqualTo(messages(10, 10));
        rig.arrive("e", 11);
        rig.run();
        assertThat(ann.texts()).containsExactly(message(11));
    }

    @Test
    void whoComesMeanwhileCostsNoRecoveryAndIsKeptUpToTheLimit() {
        restrict(3, DataSize.ofMegabytes(1));
        CompletableFuture<Recovered> recovering = begin("e", 2);
        for (int i = 0; i < 5; i++) {
            rig.broker.arrive(new PresenceChange(HistoryFixture.NEWS, true, new Member("ann", Integer.toString(i), 0)));
        }
        rig.arrive("e", 6, 8);
        rig.run();

        Recovered result = finish(recovering, page(5, 3, 5));

        assertRecovered(result, 2, List.of(3L, 4L, 5L));
        assertThat(texts(result)).hasSize(3 + 3).endsWith(message(6), message(7), message(8));
        assertThat(rig.value("ws.fanout.dropped")).isEqualTo(2);
    }

    @Test
    void whenTheChannelBeginsAnewMeanwhileTheClientDoesToo() {
        CompletableFuture<Recovered> recovering = begin("e", 2);
        rig.arrive("e", 6);
        rig.restart("f", 1);
        rig.arrive("f", 2);
        rig.run();

        Recovered result = finish(recovering, page(6, 3, 6));

        assertThat(result.recovered()).isFalse();
        assertThat(result.position()).isEqualTo(at("f", 1));
        assertThat(texts(result)).isEqualTo(messages(2, 2));
    }

    @Test
    void aHoleThatTheHistoryFillsIsNone() {
        CompletableFuture<Recovered> recovering = begin("e", 2);
        rig.lose(6, 7);
        rig.lose(8, 9);
        rig.run();

        Recovered result = finish(recovering, page(7, 3, 7));

        assertRecovered(result, 2, List.of(3L, 4L, 5L, 6L, 7L));
        assertThat(texts(result)).containsExactly(gap(8, 9));
    }

    @Test
    void aRestartAfterTheRecoveryIsTold() {
        Recovered result = recover("e", 4, page(8, 5, 8));

        rig.restart("f", 1);
        rig.arrive("f", 2);
        rig.run();

        assertRecovered(result, 4, List.of(5L, 6L, 7L, 8L));
        assertThat(ann.texts()).containsExactly(restarted("f", 1), message(2));
    }

    @Test
    void anEpochThatBeganWhileTheClientWasAwayIsToldWhereItsOwnEnds() {
        rig.broker.onSubscribe(Mono.just(at("e.2", 9)));

        Recovered result = recover("e.1", 5, new HistoryPage(at("e.2", 9), published("e.2", 6, 9), 7));

        assertThat(result.recovered()).isTrue();
        assertThat(result.position()).isEqualTo(at("e.1", 5));
        assertThat(result.missed())
                .extracting(Publication::position)
                .containsExactly(at("e.1", 6), at("e.1", 7), at("e.2", 8), at("e.2", 9));
        assertThat(result.live()).isEmpty();
    }

    @Test
    void anEpochThatBeganWithoutAMessageSinceIsToldAfterThePast() {
        rig.broker.onSubscribe(Mono.just(at("e.2", 7)));

        Recovered result = recover("e.1", 6, new HistoryPage(at("e.2", 7), published("e.2", 7, 7), 7));

        assertThat(result.missed()).extracting(Publication::position).containsExactly(at("e.1", 7));
        assertThat(texts(result)).containsExactly(wentOn("e.2", 7));
    }

    @Test
    void anEpochThatEndsBelowThePositionIsNoRecovery() {
        rig.broker.onSubscribe(Mono.just(at("e.2", 9)));

        assertUnrecovered(recover("e.1", 8, new HistoryPage(at("e.2", 9), published("e.2", 8, 9), 7)), "e.2", 9);
    }

    /** The read has brought the loss to light, and what is live may say so before the answer. */
    @ParameterizedTest
    @ValueSource(longs = {5, 7, 8})
    void aPositionNeverGoesBackWithinItsEpoch(long top) {
        rig.broker.onSubscribe(Mono.just(at("e.1", 5)));
        CompletableFuture<Recovered> recovering = begin("e.1", 20);
        rig.goOn("e.2", 5);
        rig.arrive("e.2", 6, 7);
        rig.run();

        Recovered result = finish(recovering, new HistoryPage(at("e.2", top), List.of(), 5));
        rig.arrive("e.2", 8, 9);
        rig.run();

        assertThat(result.recovered()).isFalse();
        assertThat(result.position()).isEqualTo(at("e.2", top));
        assertThat(texts(result)).isEqualTo(messages(top + 1, 7));
        assertThat(ann.texts()).isEqualTo(messages(Math.max(8, top + 1), 9));
    }

    @Test
    void anEpochThatBeginsDuringTheReadIsToldInItsPlace() {
        rig.broker.onSubscribe(Mono.just(at("e.1", 5)));
        CompletableFuture<Recovered> recovering = begin("e.1", 2);
        rig.arrive("e.1", 6);
        rig.goOn("e.2", 6);
        rig.arrive("e.2", 7);
        rig.run();

        Recovered result = finish(recovering, new HistoryPage(at("e.1", 6), published("e.1", 3, 6)));

        assertThat(result.missed()).hasSize(4);
        assertThat(texts(result)).containsExactly(wentOn("e.2", 6), message(7));
    }

    @Test
    void anEpochThatTheHistoryHasAlreadyIsNotToldAgain() {
        rig.broker.onSubscribe(Mono.just(at("e.1", 5)));
        CompletableFuture<Recovered> recovering = begin("e.1", 2);
        rig.arrive("e.1", 6);
        rig.run();

        Recovered result = finish(recovering, new HistoryPage(at("e.2", 8), published("e.2", 3, 8), 6));
        rig.goOn("e.2", 6);
        rig.arrive("e.2", 7, 9);
        rig.run();

        assertThat(result.missed()).hasSize(6);
        assertThat(ann.texts()).containsExactly(message(9));
    }

    /** The client came from another node, which was further, and what it had there is lost. */
    @Test
    void anEpochThatEndsBelowWhatTheClientBroughtIsToldAsALoss() {
        rig.broker.onSubscribe(Mono.just(at("e.1", 5)));
        recover("e.1", 7, new HistoryPage(at("e.1", 7), List.of()));

        rig.arrive("e.1", 6);
        rig.goOn("e.2", 6);
        rig.arrive("e.2", 7, 8);
        rig.run();

        assertThat(ann.texts()).containsExactly(restarted("e.2", 6), message(7), message(8));
    }

    @Test
    void anEpochThatEndsWhereTheClientIsGoesOnForIt() {
        rig.broker.onSubscribe(Mono.just(at("e.1", 5)));
        recover("e.1", 7, new HistoryPage(at("e.1", 7), List.of()));

        rig.arrive("e.1", 6, 7);
        rig.goOn("e.2", 7);
        rig.arrive("e.2", 8);
        rig.run();

        assertThat(ann.texts()).containsExactly(wentOn("e.2", 7), message(8));
    }

    @Test
    void anEpochThatBeginsBelowWhatWasReadOfTheOneBeforeIsNoRecovery() {
        rig.broker.onSubscribe(Mono.just(at("e.1", 5)));
        CompletableFuture<Recovered> recovering = begin("e.1", 2);
        rig.goOn("e.2", 5);
        rig.arrive("e.2", 6);
        rig.run();

        Recovered result = finish(recovering, new HistoryPage(at("e.1", 7), published("e.1", 3, 7)));

        assertThat(result.recovered()).isFalse();
        assertThat(result.position()).isEqualTo(at("e.1", 5));
        assertThat(texts(result)).containsExactly(wentOn("e.2", 5), message(6));
    }

    /** The failover has lost what was live, and the node has yet to hear of it. */
    @ParameterizedTest
    @CsvSource({"6, 6", "7, 6", "8, 8", "6, 5"})
    void whatWasLiveOfALostEpochIsNotPutBehindTheNext(long top, long kept) {
        rig.broker.onSubscribe(Mono.just(at("e.1", 5)));
        CompletableFuture<Recovered> recovering = begin("e.1", 2);
        rig.arrive("e.1", 6, 9);
        rig.run();

        Recovered result = finish(recovering, new HistoryPage(at("e.2", top), published("e.2", 3, top), kept));
        rig.arrive("e.1", 10, 12);
        rig.lose(13, 14);
        rig.restart("e.2", kept);
        rig.arrive("e.2", kept + 1, 10);
        rig.run();

        assertThat(result.recovered()).isTrue();
        assertThat(result.missed()).hasSize((int) top - 2);
        assertThat(texts(result)).isEqualTo(top == kept ? List.of(wentOn("e.2", top)) : List.of());
        assertThat(ann.texts()).isEqualTo(messages(top + 1, 10));
    }

    @Test
    void aHoleInALostEpochIsNotToldInTheNext() {
        rig.broker.onSubscribe(Mono.just(at("e.1", 5)));
        CompletableFuture<Recovered> recovering = begin("e.1", 2);
        rig.lose(6, 8);
        rig.run();

        Recovered result = finish(recovering, new HistoryPage(at("e.2", 6), published("e.2", 3, 6), 6));

        assertThat(result.recovered()).isTrue();
        assertThat(texts(result)).containsExactly(wentOn("e.2", 6));
    }

    /** The read may be of an epoch before those that were heard, or after them. */
    @Test
    void whatMayBeOfALostEpochIsNoRecovery() {
        rig.broker.onSubscribe(Mono.just(at("e.2", 5)));
        CompletableFuture<Recovered> recovering = begin("e.1", 2);
        rig.arrive("e.2", 6, 9);
        rig.run();

        Recovered result = finish(recovering, new HistoryPage(at("e.3", 7), published("e.3", 3, 7), 4));

        assertThat(result.recovered()).isFalse();
        assertThat(result.position()).isEqualTo(at("e.2", 5));
        assertThat(texts(result)).isEqualTo(messages(6, 9));
    }

    /** The client is ahead of its epoch, so it is told of the next one: nothing of the former may follow. */
    @Test
    void whatWasLiveOfALostEpochDoesNotFollowTheNext() {
        rig.broker.onSubscribe(Mono.just(at("e.1", 5)));
        CompletableFuture<Recovered> recovering = begin("e.1", 20);
        rig.arrive("e.1", 6, 9);
        rig.run();

        Recovered result = finish(recovering, new HistoryPage(at("e.2", 7), List.of(), 5));
        rig.restart("e.2", 5);
        rig.arrive("e.2", 6, 9);
        rig.run();

        assertThat(result.recovered()).isFalse();
        assertThat(result.position()).isEqualTo(at("e.2", 7));
        assertThat(texts(result)).isEmpty();
        assertThat(ann.texts()).isEqualTo(messages(8, 9));
    }

    /** The node had heard what was lost; the client never did. */
    @Test
    void aLossOfTheNodeAloneIsNoneOfAClientThatIsInTheNextEpochAlready() {
        rig.broker.onSubscribe(Mono.just(at("e.1", 5)));
        CompletableFuture<Recovered> recovering = begin("e.1", 2);
        rig.arrive("e.1", 6, 7);
        rig.run();

        Recovered result = finish(recovering, new HistoryPage(at("e.2", 8), published("e.2", 3, 8), 6));
        rig.restart("e.2", 6);
        rig.arrive("e.2", 7, 9);
        rig.run();

        assertThat(result.recovered()).isTrue();
        assertThat(texts(result)).isEmpty();
        assertThat(ann.texts()).containsExactly(message(9));
    }

    private static List<Publication> published(String epoch, long from, long to) {
        return LongStream.rangeClosed(from, to)
                .mapToObj(offset -> HistoryFixture.publication(epoch, offset))
                .toList();
    }

    @Test
    void aBrokerThatIsNotThereFailsItAndLeavesNoSubscription() {
        CompletableFuture<Recovered> recovering = begin("e", 2);
        rig.arrive("e", 6);
        rig.run();

        history.tryEmitError(new RefusedException(ErrorCode.BROKER_UNAVAILABLE, "the test says so"))
                .orThrow();
        rig.run();

        assertThatThrownBy(recovering::join).hasCauseInstanceOf(RefusedException.class);
        assertThat(rig.value("ws.subscriptions")).isZero();
        assertThat(rig.value("ws.channels")).isZero();
    }

    @Test
    void aBrokerThatGivesNoPositionFailsItAndLeavesNoSubscription() {
        rig.broker.onSubscribe(Mono.empty());

        CompletableFuture<Recovered> recovering = rig.recover("e", 2);
        rig.run();

        assertThat(recovering).isCompletedExceptionally();
        assertThat(rig.value("ws.subscriptions")).isZero();
        assertThat(rig.value("ws.channels")).isZero();
    }

    @Test
    void manyWhoMissedTheSameShareOneRead() {
        rig.broker.onHistory(history::asMono);
        List<CompletableFuture<Recovered>> all = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            all.add(rig.recover("e", 3));
            rig.run();
        }
        all.add(rig.recover("e", 4));
        rig.run();

        history.tryEmitValue(page(5, 4, 5)).orThrow();
        rig.run();

        assertThat(rig.broker.reads()).containsExactly(at("e", 3), at("e", 4));
        assertThat(all.subList(0, 100))
                .allSatisfy(each -> assertThat(
                                Objects.requireNonNull(each.getNow(null)).missed())
                        .hasSize(2));
    }

    /** A read that somebody else began before may end before what this one needs. */
    @Test
    void aSharedReadThatIsTooOldIsReadAgain() {
        rig.broker.onHistory(history::asMono);
        rig.recover("e", 3);
        rig.run();
        rig.arrive("e", 6);
        rig.run();
        CompletableFuture<Recovered> late = rig.recover("e", 3);
        rig.run();

        rig.broker.onHistory(() -> Mono.just(page(6, 4, 6)));
        history.tryEmitValue(page(5, 4, 5)).orThrow();
        rig.run();

        assertThat(rig.broker.reads()).hasSize(2);
        assertRecovered(Objects.requireNonNull(late.getNow(null)), 3, List.of(4L, 5L, 6L));
    }

    /** As after a failover that lost the newest messages. */
    @Test
    void aHistoryThatStaysBehindTheChannelIsNoHistory() {
        rig.broker.onHistory(() -> Mono.just(page(4, 4, 4)));

        assertUnrecovered(take(rig.recover("e", 3)), "e", 5);
        assertThat(rig.broker.reads()).hasSize(2);
    }

    private void restrict(int messages, DataSize bytes) {
        rig.close();
        rig = new HistoryFixture(FreshHub.LIMITS, new RecoveryProperties(messages, bytes));
    }

    private CompletableFuture<Recovered> begin(String epoch, long offset) {
        rig.broker.onHistory(history::asMono);
        CompletableFuture<Recovered> recovering = rig.recover(epoch, offset);
        rig.run();
        assertThat(recovering).isNotDone();
        return recovering;
    }

    private Recovered finish(CompletableFuture<Recovered> recovering, HistoryPage page) {
        history.tryEmitValue(page).orThrow();
        return take(recovering);
    }

    private Recovered recover(String epoch, long offset, HistoryPage... pages) {
        rig.broker.onHistory(() -> Mono.justOrEmpty(pages.length == 0 ? null : pages[0]));
        return take(rig.recover(epoch, offset));
    }

    private Recovered take(CompletableFuture<Recovered> recovering) {
        rig.run();
        Recovered result = Objects.requireNonNull(recovering.getNow(null));
        result.subscription().handTo(ann);
        return result;
    }

    private static List<String> texts(Recovered result) {
        return result.live().stream()
                .map(frame -> frame.payload().toString(StandardCharsets.UTF_8))
                .toList();
    }

    private static void assertRecovered(Recovered result, long offset, List<Long> missed) {
        assertThat(result.recovered()).isTrue();
        assertThat(result.position()).isEqualTo(at("e", offset));
        assertThat(result.missed())
                .extracting(publication ->
                        Objects.requireNonNull(publication.position()).offset())
                .isEqualTo(missed);
    }

    private static void assertUnrecovered(Recovered result, String epoch, long offset) {
        assertThat(result.recovered()).isFalse();
        assertThat(result.position()).isEqualTo(at(epoch, offset));
        assertThat(result.missed()).isEmpty();
        assertThat(result.live()).extracting(EncodedMessage::offset).isEmpty();
    }
}
