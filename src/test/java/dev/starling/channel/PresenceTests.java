package dev.starling.channel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.starling.broker.Broker;
import dev.starling.broker.FreshBroker;
import dev.starling.broker.PresencePage;
import dev.starling.protocol.ChannelName;
import dev.starling.protocol.ErrorCode;
import dev.starling.protocol.Member;
import dev.starling.protocol.PresenceChange;
import dev.starling.protocol.RefusedException;
import dev.starling.protocol.RequestId;
import dev.starling.protocol.ServerFrame;
import dev.starling.setting.TestRules;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.test.StepVerifier;

final class PresenceTests {

    private static final ChannelName ANNOUNCED = new ChannelName("room:1");
    private static final ChannelName KEPT = new ChannelName("hall");
    private static final ChannelName SECRET = new ChannelName("cellar");

    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final SlowPresence store = new SlowPresence();
    private final Broker broker = FreshBroker.inMemory();
    private final List<PresenceChange> told = new CopyOnWriteArrayList<>();
    private final Presence presence = FreshPresence.of(
            store, broker, registry, TestRules.of("room:* presence=true join-leave=true", "hall presence=true"));

    PresenceTests() {
        Flux.merge(broker.lanes()).ofType(PresenceChange.class).subscribe(told::add);
    }

    @Test
    void onlyTheChannelsThatAreAskedToKeepIt() {
        assertThat(presence.isKept(ANNOUNCED)).isTrue();
        assertThat(presence.isKept(KEPT)).isTrue();
        assertThat(presence.isKept(SECRET)).isFalse();
    }

    @Test
    void allAreToldWhoComesAndGoesWhereTheChannelAsksForIt() {
        presence.enter(ANNOUNCED, "ann", "c1");
        presence.leave(ANNOUNCED, "c1");

        assertThat(told).extracting(PresenceChange::joined).containsExactly(true, false);
        assertThat(told).allSatisfy(change -> {
            assertThat(change.channel()).isEqualTo(ANNOUNCED);
            assertThat(change.member().user()).isEqualTo("ann");
            assertThat(change.member().connection()).isEqualTo("c1");
        });
        assertThat(count("ws.presence.changes")).isEqualTo(2);
    }

    @Test
    void nobodyIsToldWhereItDoesNot() {
        presence.enter(KEPT, "ann", "c1");
        presence.leave(KEPT, "c1");

        assertThat(told).isEmpty();
    }

    @Test
    void aBurstIsToldInPart() {
        for (int i = 0; i < 1000; i++) {
            presence.enter(ANNOUNCED, "ann", "c" + i);
        }

        assertThat(told).hasSizeBetween(100, 900);
        assertThat(count("ws.presence.changes.dropped", "reason", "rate")).isEqualTo(1000 - told.size());
    }

    @Test
    void whatTheStoreRefusesIsNobodysFailure() {
        store.before(Mono.error(new RefusedException(ErrorCode.BROKER_UNAVAILABLE, "down")));

        presence.enter(ANNOUNCED, "ann", "c1");
        presence.leave(ANNOUNCED, "c1");

        assertThat(told).isEmpty();
    }

    @Test
    void whatTheBrokerRefusesIsCounted() {
        RecordingBroker down = new RecordingBroker();
        down.onAnnounce(() -> Mono.error(new RefusedException(ErrorCode.BROKER_UNAVAILABLE, "down")));
        SimpleMeterRegistry own = new SimpleMeterRegistry();
        Presence other =
                FreshPresence.of(FreshBroker.presence(), down, own, TestRules.of("* presence=true join-leave=true"));

        other.enter(ANNOUNCED, "ann", "c1");

        assertThat(own.get("ws.presence.changes.dropped")
                        .tags("reason", "broker")
                        .functionCounter()
                        .count())
                .isEqualTo(1);
    }

    @Test
    void theAnswerNamesTheRequestAndTheMembers() {
        List<Member> members = List.of(new Member("ann", "c1", 5));
        CompletableFuture<ServerFrame.Presence> answer =
                presence.read(null, KEPT).toFuture();

        store.reads().get(0).tryEmitValue(new PresencePage(7, members)).orThrow();

        assertThat(answer).isCompletedWithValue(new ServerFrame.Presence(null, KEPT, 7, members));
    }

    @Test
    void aChannelThatDoesNotSayWhoIsInItIsForbidden() {
        StepVerifier.create(presence.read((RequestId) null, SECRET))
                .expectErrorSatisfies(failure -> assertThat(failure)
                        .isInstanceOfSatisfying(
                                RefusedException.class,
                                refused -> assertThat(refused.code()).isEqualTo(ErrorCode.FORBIDDEN)))
                .verify();
        assertThat(store.reads()).isEmpty();
    }

    private double count(String meter, String... tags) {
        return registry.get(meter).tags(tags).functionCounter().count();
    }
}
