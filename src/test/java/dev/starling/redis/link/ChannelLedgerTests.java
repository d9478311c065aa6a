package dev.starling.redis.link;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ChannelLedgerTests {

    private static final long LINGER = 100;

    private final ChannelLedger ledger = new ChannelLedger(LINGER);

    @Test
    void batchesAreNoLargerThanAskedAndKeepTheOrder() {
        List<String> names = IntStream.range(0, 1200).mapToObj(i -> "c" + i).toList();
        names.forEach(ledger::want);

        List<Integer> sizes = new ArrayList<>();
        List<String> all = new ArrayList<>();
        for (List<String> batch = ledger.toSubscribe(512); !batch.isEmpty(); batch = ledger.toSubscribe(512)) {
            sizes.add(batch.size());
            all.addAll(batch);
        }

        assertThat(sizes).containsExactly(512, 512, 176);
        assertThat(all).isEqualTo(names);
        assertThat(ledger.heard()).isEqualTo(1200);
        assertThat(ledger.isSettled()).isTrue();
    }

    @Test
    void wantingTwiceIsAsOnce() {
        ledger.want("a");
        ledger.want("a");

        assertThat(ledger.toSubscribe(10)).containsExactly("a");
        ledger.want("a");
        assertThat(ledger.toSubscribe(10)).isEmpty();
    }

    @Test
    void whatIsGivenUpBeforeItWasSentIsNeverSent() {
        ledger.want("a");
        ledger.unwant("a", 0);

        assertThat(ledger.toSubscribe(10)).isEmpty();
        assertThat(ledger.toUnsubscribe(10, LINGER)).isEmpty();
        assertThat(ledger.wanted()).isEmpty();
    }

    @Test
    void whatIsGivenUpIsUnsubscribedAfterTheLingerAndNotBefore() {
        subscribe("a");
        ledger.unwant("a", 1000);

        assertThat(ledger.toUnsubscribe(10, 1000 + LINGER - 1)).isEmpty();
        assertThat(ledger.nextLeaveNanos()).isEqualTo(1000 + LINGER);
        assertThat(ledger.toUnsubscribe(10, 1000 + LINGER)).containsExactly("a");
        assertThat(ledger.heard()).isZero();
        assertThat(ledger.nextLeaveNanos()).isNull();
    }

    @Test
    void whatIsWantedBackInTimeIsSubscribedAgainAsThatIsWhatRedisConfirms() {
        subscribe("a");
        ledger.unwant("a", 0);
        ledger.want("a");

        assertThat(ledger.toSubscribe(10)).containsExactly("a");
        assertThat(ledger.toUnsubscribe(10, LINGER)).isEmpty();
        assertThat(ledger.heard()).isEqualTo(1);
    }

    @Test
    void lingerBeginsAnewWithTheLastRemoval() {
        subscribe("a");
        ledger.unwant("a", 0);
        ledger.want("a");
        ledger.unwant("a", 60);

        assertThat(ledger.toUnsubscribe(10, LINGER)).isEmpty();
        assertThat(ledger.toUnsubscribe(10, 60 + LINGER - 1)).isEmpty();
        assertThat(ledger.toUnsubscribe(10, 2 * LINGER)).containsExactly("a");
    }

    @Test
    void afterALossAllThatIsWantedIsSubscribedAndTheRestForgotten() {
        subscribe("a");
        subscribe("b");
        ledger.want("c");
        ledger.unwant("b", 0);

        ledger.lost();

        assertThat(ledger.heard()).isZero();
        assertThat(ledger.toUnsubscribe(10, LINGER)).isEmpty();
        assertThat(ledger.toSubscribe(10)).containsExactlyInAnyOrder("a", "c");
    }

    @Test
    void whatRedisEndsIsSubscribedAgainOnlyIfItIsWanted() {
        subscribe("a");
        subscribe("b");
        ledger.unwant("b", 0);

        ledger.unheard("a");
        ledger.unheard("b");

        assertThat(ledger.toSubscribe(10)).containsExactly("a");
        assertThat(ledger.toUnsubscribe(10, LINGER)).isEmpty();
    }

    @Test
    void comingAndGoingDuringAnOutageKeepsNothing() {
        for (int i = 0; i < 1000; i++) {
            ledger.want("c" + i % 10);
            ledger.unwant("c" + i % 10, i);
        }

        assertThat(ledger.isSettled()).isTrue();
        assertThat(ledger.wanted()).isEmpty();
        assertThat(ledger.nextLeaveNanos()).isNull();
    }

    /** Whatever happens, Redis ends up with what is wanted, and is never told twice to leave. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void whatIsHeardBecomesWhatIsWanted(long seed) {
        Random random = new Random(seed);
        Set<String> wanted = new HashSet<>();
        Map<String, Boolean> redis = new LinkedHashMap<>();
        long now = 0;
        for (int step = 0; step < 20_000; step++) {
            String channel = "c" + random.nextInt(40);
            now += random.nextInt(10);
            switch (random.nextInt(20)) {
                case 0 -> {
                    ledger.lost();
                    redis.clear();
                }
                case 1 -> {
                    redis.remove(channel);
                    ledger.unheard(channel);
                }
                case 2, 3, 4 -> subscribe(redis, random.nextInt(5) + 1);
                case 5, 6 -> unsubscribe(redis, now);
                case 7, 8, 9, 10, 11, 12 -> {
                    wanted.remove(channel);
                    ledger.unwant(channel, now);
                }
                default -> {
                    wanted.add(channel);
                    ledger.want(channel);
                }
            }
            assertThat(ledger.heard()).isEqualTo(redis.size());
            assertThat(ledger.wanted()).containsExactlyInAnyOrderElementsOf(wanted);
        }
        subscribe(redis, 100);
        for (int i = 0; i < 3; i++) {
            now += 2 * LINGER;
            unsubscribe(redis, now);
        }
        assertThat(redis.keySet()).isEqualTo(wanted);
        assertThat(ledger.nextLeaveNanos()).isNull();
    }

    private void subscribe(Map<String, Boolean> redis, int most) {
        ledger.toSubscribe(most).forEach(channel -> redis.put(channel, true));
    }

    private void unsubscribe(Map<String, Boolean> redis, long now) {
        for (String channel : ledger.toUnsubscribe(100, now)) {
            assertThat(redis.remove(channel)).isTrue();
        }
    }

    private void subscribe(String channel) {
        ledger.want(channel);
        assertThat(ledger.toSubscribe(10)).containsExactly(channel);
    }
}
