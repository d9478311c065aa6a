package dev.starling.redis.presence;

import static dev.starling.broker.PresenceContract.CHANNEL;
import static dev.starling.broker.PresenceContract.OTHER;
import static dev.starling.broker.PresenceContract.member;
import static org.assertj.core.api.Assertions.assertThat;

import dev.starling.protocol.ChannelName;
import dev.starling.protocol.Member;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;

final class PresenceRoundTests {

    @Test
    void eachMemberHasItsTurnOnce() {
        OwnMembers large = channel(CHANNEL, 2 * RedisMembers.BATCH);
        OwnMembers small = channel(OTHER, 1);
        PresenceRound round = new PresenceRound(List.of(large, small), none -> false);

        assertThat(round.step()).isSameAs(large);
        assertThat(round.step()).isSameAs(large);
        assertThat(round.step()).isSameAs(small);
        assertThat(round.step()).isNull();

        List<Member> told = new ArrayList<>();
        while (large.isDue()) {
            told.addAll(large.next().present());
        }
        assertThat(told).hasSize(2 * RedisMembers.BATCH).doesNotHaveDuplicates();
        assertThat(small.next().present()).hasSize(1);
    }

    @Test
    void stepsAreSpreadEvenlyOverTheTimesThatAreLeft() {
        PresenceRound round = new PresenceRound(List.of(channel(CHANNEL, 9 * RedisMembers.BATCH + 1)), none -> false);

        assertThat(round.share(4)).isEqualTo(3);
        assertThat(round.share(1)).isEqualTo(10);
        assertThat(round.share(0)).isEqualTo(10);
        for (int i = 0; i < 6; i++) {
            round.step();
        }
        assertThat(round.share(4)).isEqualTo(1);
    }

    @Test
    void aRoundOfNobodyIsOverAtOnce() {
        PresenceRound round =
                new PresenceRound(List.of(new OwnMembers(CHANNEL, 0, new AtomicInteger())), none -> false);

        assertThat(round.share(3)).isZero();
        assertThat(round.step()).isNull();
    }

    private static OwnMembers channel(ChannelName name, int members) {
        OwnMembers own = new OwnMembers(name, 0, new AtomicInteger());
        for (int i = 0; i < members; i++) {
            Member member = member("u", "c" + i, i);
            Mono.<Void>create(done -> own.enter(member, done)).subscribe();
        }
        while (own.isDue()) {
            own.next();
        }
        return own;
    }
}
