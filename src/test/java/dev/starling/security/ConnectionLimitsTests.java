package dev.starling.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.starling.protocol.EqualHashes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.IntFunction;
import org.junit.jupiter.api.Test;

class ConnectionLimitsTests {

    private static final ClientAddress HERE = new ClientAddress("192.0.2.1", "192.0.2.1");
    private static final ClientAddress THERE = new ClientAddress("192.0.2.2", "192.0.2.2");

    @Test
    void namesOfEqualHashCostNoMoreThanOthers() {
        long plain = nanosToFill(i -> "plain-name-of-thirty-two-characters" + i);
        long equal = nanosToFill(i -> EqualHashes.letters("", i));

        assertThat(Duration.ofNanos(equal))
                .isLessThan(Duration.ofNanos(5 * plain).plusSeconds(2));
    }

    /** With as many addresses and users, which then leave. */
    private static long nanosToFill(IntFunction<String> name) {
        ConnectionLimits limits = limits(0, 2, 2, 0);
        long start = System.nanoTime();
        List<ConnectionPermit> permits = new ArrayList<>();
        for (int i = 0; i < 24_000; i++) {
            ConnectionPermit permit = permit(limits.admit(new ClientAddress(name.apply(i), name.apply(i))));
            assertThat(permit.claimUser(name.apply(i))).isTrue();
            permits.add(permit);
        }
        permits.forEach(ConnectionPermit::release);
        assertThat(limits.users()).isZero();
        return System.nanoTime() - start;
    }

    @Test
    void nodeTakesAsManyAsItMayAndNoMore() {
        ConnectionLimits limits = limits(2, 0, 0, 0);
        ConnectionPermit first = permit(limits.admit(HERE));
        permit(limits.admit(THERE));
        assertThat(reason(limits.admit(HERE))).isEqualTo(UpgradeRefusal.NODE_FULL);
        first.release();
        permit(limits.admit(HERE));
        assertThat(limits.connections()).isEqualTo(2);
    }

    @Test
    void addressHasAsManyAsItMayAndNoMore() {
        ConnectionLimits limits = limits(0, 2, 0, 0);
        permit(limits.admit(HERE));
        ConnectionPermit second = permit(limits.admit(HERE));
        assertThat(reason(limits.admit(HERE))).isEqualTo(UpgradeRefusal.ADDRESS_LIMIT);
        permit(limits.admit(THERE));
        second.release();
        permit(limits.admit(HERE));
        assertThat(limits.connections()).isEqualTo(3);
    }

    @Test
    void userHasAsManyAsTheyMayAndNoMore() {
        ConnectionLimits limits = limits(0, 0, 1, 0);
        ConnectionPermit first = permit(limits.admit(HERE));
        ConnectionPermit second = permit(limits.admit(THERE));
        assertThat(first.claimUser("alice")).isTrue();
        assertThat(second.claimUser("alice")).isFalse();
        assertThat(second.claimUser("bob")).isTrue();
        first.release();
        assertThat(permit(limits.admit(HERE)).claimUser("alice")).isTrue();
    }

    @Test
    void zeroIsNoLimit() {
        ConnectionLimits limits = limits(0, 0, 0, 0);
        for (int i = 0; i < 5000; i++) {
            assertThat(permit(limits.admit(HERE)).claimUser("alice")).isTrue();
        }
        assertThat(limits.connections()).isEqualTo(5000);
    }

    @Test
    void rateRefusesWhatComesAtOnceBeyondASecondsWorth() {
        ConnectionLimits limits = limits(0, 0, 0, 3);
        List<Admission> admissions = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            admissions.add(limits.admit(HERE));
        }
        assertThat(admissions.subList(0, 3)).hasOnlyElementsOfType(ConnectionPermit.class);
        assertThat(reason(admissions.get(3))).isEqualTo(UpgradeRefusal.CONNECT_RATE);
        assertThat(limits.connections()).isEqualTo(3);
    }

    @Test
    void addressOverItsLimitUsesUpNothingOfTheRate() {
        ConnectionLimits limits = limits(0, 1, 0, 2);
        permit(limits.admit(HERE));
        for (int i = 0; i < 50; i++) {
            assertThat(reason(limits.admit(HERE))).isEqualTo(UpgradeRefusal.ADDRESS_LIMIT);
        }
        permit(limits.admit(THERE));
    }

    @Test
    void releasingTwiceIsReleasingOnce() {
        ConnectionLimits limits = limits(10, 10, 10, 0);
        ConnectionPermit one = permit(limits.admit(HERE));
        ConnectionPermit other = permit(limits.admit(HERE));
        assertThat(one.claimUser("alice") && other.claimUser("alice")).isTrue();
        one.release();
        one.release();
        assertThat(limits.connections()).isEqualTo(1);
        assertThat(limits.addresses()).isEqualTo(1);
        assertThat(limits.users()).isEqualTo(1);
    }

    @Test
    void nothingIsKeptOfWhoeverIsGone() {
        ConnectionLimits limits = limits(10, 10, 10, 0);
        ConnectionPermit permit = permit(limits.admit(HERE));
        assertThat(permit.claimUser("alice")).isTrue();
        permit.release();
        assertThat(limits.addresses()).isZero();
        assertThat(limits.users()).isZero();
    }

    @Test
    void releasedPermitClaimsNoUser() {
        ConnectionLimits limits = limits(10, 10, 10, 0);
        ConnectionPermit permit = permit(limits.admit(HERE));
        permit.release();
        assertThat(permit.claimUser("alice")).isFalse();
        assertThat(limits.users()).isZero();
    }

    @Test
    void permitHasOneUser() {
        ConnectionPermit permit = permit(limits(0, 0, 5, 0).admit(HERE));
        assertThat(permit.claimUser("alice")).isTrue();
        assertThatIllegalStateException().isThrownBy(() -> permit.claimUser("bob"));
    }

    @Test
    void manyThreadsNeverExceedALimitNorLoseAPlace() throws Exception {
        ConnectionLimits limits = limits(20, 8, 3, 0);
        AtomicInteger mostConnections = new AtomicInteger();
        ExecutorService threads = Executors.newFixedThreadPool(8);
        try {
            List<Future<?>> runs = new ArrayList<>();
            for (int t = 0; t < 8; t++) {
                int seed = t;
                runs.add(threads.submit(() -> {
                    for (int i = 0; i < 20_000; i++) {
                        ClientAddress address = (i + seed) % 3 == 0 ? HERE : THERE;
                        if (limits.admit(address) instanceof ConnectionPermit permit) {
                            mostConnections.accumulateAndGet(limits.connections(), Math::max);
                            permit.claimUser("user" + (i + seed) % 2);
                            permit.release();
                        }
                    }
                }));
            }
            for (Future<?> run : runs) {
                run.get(60, TimeUnit.SECONDS);
            }
        } finally {
            threads.shutdownNow();
        }
        assertThat(mostConnections.get()).isBetween(1, 20);
        assertThat(limits.connections()).isZero();
        assertThat(limits.addresses()).isZero();
        assertThat(limits.users()).isZero();
    }

    @Test
    void concurrentReleaseAndClaimLeaveNothingBehind() throws Exception {
        ConnectionLimits limits = limits(0, 10, 10, 0);
        ExecutorService threads = Executors.newFixedThreadPool(2);
        try {
            for (int i = 0; i < 5000; i++) {
                ConnectionPermit permit = permit(limits.admit(HERE));
                Future<?> claim = threads.submit(() -> permit.claimUser("alice"));
                Future<?> release = threads.submit(permit::release);
                claim.get(10, TimeUnit.SECONDS);
                release.get(10, TimeUnit.SECONDS);
            }
        } finally {
            threads.shutdownNow();
        }
        assertThat(limits.connections()).isZero();
        assertThat(limits.addresses()).isZero();
        assertThat(limits.users()).isZero();
    }

    @Test
    void rateIsSpreadOverTheSecond() {
        AtomicLong now = new AtomicLong(Long.MAX_VALUE - 5);
        AcceptRate rate = new AcceptRate(10, now::get);
        assertThat(taken(rate)).isEqualTo(10);
        now.addAndGet(TimeUnit.MILLISECONDS.toNanos(99));
        assertThat(taken(rate)).isZero();
        now.addAndGet(TimeUnit.MILLISECONDS.toNanos(1));
        assertThat(taken(rate)).isEqualTo(1);
        now.addAndGet(TimeUnit.SECONDS.toNanos(100));
        assertThat(taken(rate)).isEqualTo(10);
    }

    private static int taken(AcceptRate rate) {
        int taken = 0;
        while (taken < 1000 && rate.take()) {
            taken++;
        }
        return taken;
    }

    private static ConnectionLimits limits(int node, int address, int user, int rate) {
        return new ConnectionLimits(TestLimits.of(
                "max-connections=" + node,
                "max-connections-per-ip=" + address,
                "max-connections-per-user=" + user,
                "connect-rate=" + rate));
    }

    private static ConnectionPermit permit(Admission admission) {
        assertThat(admission).isInstanceOf(ConnectionPermit.class);
        return (ConnectionPermit) admission;
    }

    private static UpgradeRefusal reason(Admission admission) {
        assertThat(admission).isInstanceOf(Admission.Refused.class);
        return ((Admission.Refused) admission).reason();
    }
}
