package dev.starling.redis.presence;

import static dev.starling.broker.PresenceContract.CHANNEL;
import static dev.starling.broker.PresenceContract.member;
import static org.assertj.core.api.Assertions.assertThat;

import dev.starling.protocol.Member;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;
import reactor.core.publisher.MonoSink;

final class OwnMembersTests {

    private static final Member ANN = member("ann", "c1", 1);
    private static final Member BEN = member("ben", "c2", 2);

    private final OwnMembers own = new OwnMembers(CHANNEL, 0, new AtomicInteger());

    @Test
    void tellsOfTwoThatCameAndOneThatLeftInOneBatch() {
        enter(ANN);
        own.next();
        enter(BEN);
        leave("c1");

        OwnMembers.Batch batch = own.next();

        assertThat(batch.present()).containsExactly(BEN);
        assertThat(batch.absent()).containsExactly(ANN);
        assertThat(batch.waiting()).hasSize(2);
        assertThat(own.isDue()).isFalse();
        assertThat(own.count()).isEqualTo(1);
    }

    @Test
    void tellsOnlyTheLastOfAConnectionThatComesAndGoes() {
        CompletableFuture<Void> came = enter(ANN);
        CompletableFuture<Void> left = leave("c1");

        OwnMembers.Batch batch = own.next();

        assertThat(batch.present()).isEmpty();
        assertThat(batch.absent()).containsExactly(ANN);
        assertThat(came).isCompleted();
        assertThat(left).isNotCompleted();
        batch.waiting().forEach(MonoSink::success);
        assertThat(left).isCompleted();
    }

    @Test
    void doesNotTellOfOneThatWasNeverHere() {
        Mono.<Void>create(done -> assertThat(own.leave("c1", done)).isFalse()).subscribe();

        assertThat(own.isDue()).isFalse();
        assertThat(own.isGone()).isTrue();
    }

    @Test
    void aBatchHasABound() {
        IntStream.range(0, RedisMembers.BATCH + 1).forEach(i -> enter(member("u", "c" + i, i)));

        assertThat(own.next().present()).hasSize(RedisMembers.BATCH);
        assertThat(own.isDue()).isTrue();
        assertThat(own.next().present()).containsExactly(member("u", "c" + RedisMembers.BATCH, RedisMembers.BATCH));
        assertThat(own.isDue()).isFalse();
    }

    @Test
    void allMembersAreRepeatedInPieces() {
        IntStream.range(0, 2 * RedisMembers.BATCH + 1).forEach(i -> enter(member("u", "c" + i, i)));
        tellAll();

        List<List<Member>> pieces = own.pieces();

        assertThat(pieces).extracting(List::size).containsExactly(RedisMembers.BATCH, RedisMembers.BATCH, 1);
        pieces.forEach(own::repeat);
        assertThat(own.next().present()).isEqualTo(pieces.get(0));
        assertThat(own.next().present()).isEqualTo(pieces.get(1));
        assertThat(own.next().present()).isEqualTo(pieces.get(2));
        assertThat(own.isDue()).isFalse();
    }

    @Test
    void whoHasLeftMeanwhileIsNotRepeated() {
        enter(ANN);
        enter(BEN);
        tellAll();
        List<Member> piece = own.pieces().get(0);

        leave("c1");
        tellAll();
        own.repeat(piece);

        assertThat(own.next().present()).containsExactly(BEN);
    }

    @Test
    void whoLeftAndCameBackIsToldOnceInABatch() {
        enter(ANN);
        tellAll();
        List<Member> before = own.pieces().get(0);
        Member again = member("ann", "c1", 9);
        leave("c1");
        enter(again);
        own.repeat(before);
        own.repeat(own.pieces().get(0));

        OwnMembers.Batch batch = own.next();

        assertThat(batch.present()).containsExactly(again);
        assertThat(batch.absent()).isEmpty();
        assertThat(own.next().present()).containsExactly(again);
    }

    @Test
    void aBatchOfNobodyCanBeAskedFor() {
        own.repeat(List.of());

        assertThat(own.isDue()).isTrue();
        assertThat(own.next().present()).isEmpty();
        assertThat(own.isDue()).isFalse();
    }

    @Test
    void isGoneWhenNobodyIsHereAndNothingIsToBeTold() {
        enter(ANN);
        leave("c1");
        assertThat(own.isGone()).isFalse();

        tellAll();
        own.setBusy(true);
        assertThat(own.isGone()).isFalse();

        own.setBusy(false);
        assertThat(own.isGone()).isTrue();
    }

    private void tellAll() {
        while (own.isDue()) {
            own.next();
        }
    }

    private CompletableFuture<Void> enter(Member member) {
        return result(done -> own.enter(member, done));
    }

    private CompletableFuture<Void> leave(String connection) {
        return result(done -> assertThat(own.leave(connection, done)).isTrue());
    }

    private static CompletableFuture<Void> result(Consumer<MonoSink<Void>> change) {
        return Mono.create(change).toFuture();
    }
}
