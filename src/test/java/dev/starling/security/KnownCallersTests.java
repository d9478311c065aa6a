package dev.starling.security;

import static org.assertj.core.api.Assertions.assertThat;

import dev.starling.protocol.ChannelPattern;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.springframework.security.core.authority.AuthorityUtils;

final class KnownCallersTests {

    private static final String KEY = "0123456789abcdef0123456789abcdef";
    /** By {@code sha256sum}. */
    private static final String HASH = "3eb1bd439947eb762998e566ccc2e099c791118b2f40579cc4f7da2b5061b7f9";

    private final AtomicLong now = new AtomicLong(1_000_000);
    private String refused = "nobody";
    private final KnownCallers known = new KnownCallers(
            new ApiKeys(
                    new ApiKeyProperties(List.of(new ApiKeyProperties.Key(
                            "billing", List.of(HASH), List.of("publish"), List.of("a:*"), List.of("b:*")))),
                    token -> token.user().equals(refused)),
            token -> token.user().equals(refused),
            now::get);

    private static VerifiedAuthentication caller(String user, long expiresAt) {
        return new VerifiedAuthentication(
                new VerifiedToken(user, null, expiresAt, List.of(), List.of()),
                AuthorityUtils.createAuthorityList("SCOPE_publish", "OTHER_read"));
    }

    @Test
    void whoWasLetInIsKnownForAMinuteAndForItsScopesOnly() {
        known.remember("t", caller("ann", 0));

        assertThat(known.byToken("t", "publish")).isNotNull();
        for (String scope : List.of("read", "ops", "lish", "SCOPE_publish", "")) {
            assertThat(known.byToken("t", scope)).as(scope).isNull();
        }
        assertThat(known.byToken("other", "publish")).isNull();
        assertThat(known.byKey("t", "publish")).isNull();
        now.addAndGet(59_999);
        assertThat(known.byToken("t", "publish")).isNotNull();
        now.addAndGet(1);
        assertThat(known.byToken("t", "publish")).isNull();
    }

    @Test
    void whoMayNotPublishIsNotRemembered() {
        known.remember(
                "t",
                new VerifiedAuthentication(
                        new VerifiedToken("ann", null, 0, List.of(), List.of()),
                        AuthorityUtils.createAuthorityList("SCOPE_read")));

        assertThat(known.byToken("t", "read")).isNull();
    }

    @Test
    void nobodyIsKnownLongerThanTheTokenHolds() {
        known.remember("t", caller("ann", now.get() + 10));

        now.addAndGet(9);
        assertThat(known.byToken("t", "publish")).isNotNull();
        now.addAndGet(1);
        assertThat(known.byToken("t", "publish")).isNull();
    }

    @Test
    void whoIsRefusedIsKnownNoMore() {
        known.remember("t", caller("ann", 0));
        refused = "ann";

        assertThat(known.byToken("t", "publish")).isNull();
        refused = "nobody";
        assertThat(known.byToken("t", "publish")).as("verified first").isNull();
    }

    @Test
    void thereAreNoMoreThanThereMayBeAndNoneIsLong() {
        for (int i = 0; i < 10_000; i++) {
            known.remember("t" + i, caller("ann", 0));
        }
        long there = IntStream.range(0, 10_000)
                .filter(i -> known.byToken("t" + i, "publish") != null)
                .count();
        assertThat(there).isBetween(1L, 1024L);
        assertThat(known.byToken("t9999", "publish")).isNotNull();
        known.remember("x".repeat(4097), caller("ann", 0));
        assertThat(known.byToken("x".repeat(4097), "publish")).isNull();
    }

    @Test
    void bothKeysOfABackEndHoldWhileTheyAreChanged() {
        String next = "fedcba9876543210fedcba9876543210";
        String nextHash = "4ba68aa8767bde72e8c798ee82d1275291cea73e72ad74d35ecf48e41386eb82";
        KnownCallers callers = new KnownCallers(
                new ApiKeys(
                        new ApiKeyProperties(List.of(new ApiKeyProperties.Key(
                                "billing",
                                List.of(HASH, nextHash.toUpperCase(Locale.ROOT)),
                                List.of("read"),
                                List.of("*"),
                                List.of("*")))),
                        token -> false),
                token -> false);

        assertThat(callers.byKey(KEY, "read")).isNotNull().isEqualTo(callers.byKey(next, "read"));
    }

    @Test
    void keyThatIsRefusedOpensNothing() {
        refused = "key:other";
        assertThat(known.byKey(KEY, "publish")).isNotNull();

        refused = "key:billing";
        assertThat(known.byKey(KEY, "publish")).isNull();
    }

    @Test
    void keyIsWhatItsHashSays() {
        VerifiedToken rights = Objects.requireNonNull(known.byKey(KEY, "publish"));

        assertThat(rights.user()).isEqualTo("key:billing");
        assertThat(rights.subscribe()).containsExactly(new ChannelPattern("a:*"));
        assertThat(rights.publish()).containsExactly(new ChannelPattern("b:*"));
        assertThat(known.byKey(KEY, "read")).isNull();
        assertThat(known.byKey(HASH, "publish")).as("the hash is no key").isNull();
        assertThat(known.byKey("short", "publish")).isNull();
    }
}
