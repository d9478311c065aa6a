package dev.starling.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.nimbusds.jwt.JWTClaimsSet;
import dev.starling.protocol.ChannelPattern;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Collections;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.security.oauth2.jwt.Jwt;
import org.springframework.security.oauth2.jwt.JwtException;
import org.springframework.security.oauth2.jwt.ReactiveJwtDecoder;
import org.springframework.security.oauth2.server.resource.authentication.JwtAuthenticationToken;
import org.springframework.security.oauth2.server.resource.authentication.ReactiveJwtAuthenticationConverter;
import reactor.core.publisher.Mono;
import reactor.test.StepVerifier;

class TokenVerifierTests {

    private final TokenVerifier verifier = verifier(List.of());

    @Test
    void tellsWhatTheTokenSays() {
        Instant expiry = Instant.now().plusSeconds(100).truncatedTo(ChronoUnit.SECONDS);
        VerifiedToken token = verify(TestTokens.hs256(claims -> claims.expirationTime(Date.from(expiry))
                .claim("channels", List.of("chat:*", "inbox:{user}"))
                .claim("publish", List.of("chat:1"))));
        assertThat(token.user()).isEqualTo("alice");
        assertThat(token.expiresAtEpochMillis()).isEqualTo(expiry.toEpochMilli());
        assertThat(token.subscribe()).extracting(ChannelPattern::value).containsExactly("chat:*", "inbox:{user}");
        assertThat(token.publish()).extracting(ChannelPattern::value).containsExactly("chat:1");
    }

    @Test
    void tokenWithoutExpiryNeverExpires() {
        assertThat(verify(TestTokens.hs256(claims -> claims.expirationTime(null)))
                        .expiresAtEpochMillis())
                .isZero();
    }

    @Test
    void clocksMayDifferByAMinute() {
        verify(TestTokens.hs256(claims -> claims.notBeforeTime(TestTokens.in(30))));
    }

    /** In seconds: the grace, and how long a token has been expired. */
    @ParameterizedTest
    @CsvSource({"25, 20, true", "25, 30, false", "0, 1, false", "600, 50, true", "600, 70, false"})
    void expiredTokenIsGoodForTheGraceAndAtMostAMinute(int grace, int expired, boolean good) {
        TokenVerifier lenient = verifier(new TokenLife(Duration.ofSeconds(grace), Duration.ZERO));
        String token = TestTokens.hs256(claims -> claims.expirationTime(TestTokens.in(-expired)));

        if (good) {
            StepVerifier.create(lenient.verify(token)).expectNextCount(1).verifyComplete();
        } else {
            StepVerifier.create(lenient.verify(token))
                    .verifyErrorSatisfies(error -> assertThat(error)
                            .isInstanceOf(InvalidTokenException.class)
                            .hasMessageContaining("expired"));
        }
    }

    @Test
    void tokenMayHaveToExpireSoonEnough() {
        TokenVerifier strict = verifier(new TokenLife(Duration.ofSeconds(25), Duration.ofHours(1)));
        for (String soon : List.of(TestTokens.valid(), TestTokens.hs256(c -> c.expirationTime(TestTokens.in(3600))))) {
            StepVerifier.create(strict.verify(soon)).expectNextCount(1).verifyComplete();
        }
        for (String late : List.of(
                TestTokens.hs256(c -> c.expirationTime(null)),
                TestTokens.hs256(c -> c.expirationTime(TestTokens.in(3700))),
                TestTokens.hs256(c -> c.expirationTime(TestTokens.in(Integer.MAX_VALUE))))) {
            StepVerifier.create(strict.verify(late)).verifyError(InvalidTokenException.class);
            StepVerifier.create(strict.authenticate(late)).verifyError(InvalidTokenException.class);
        }
    }

    @Test
    void tokenOfTheFutureIsInvalid() {
        assertThat(reason(TestTokens.hs256(claims -> claims.notBeforeTime(TestTokens.in(90)))))
                .contains("before");
    }

    @Test
    void unsignedTokenIsInvalid() {
        reason(TestTokens.unsigned(claims -> {}));
        reason(TestTokens.unsigned(claims -> {}) + "c2lnbmF0dXJl");
    }

    @Test
    void otherKeyIsInvalid() {
        reason(TestTokens.hs256("another secret of 32 bytes or more".getBytes(StandardCharsets.UTF_8), claims -> {}));
    }

    @Test
    void changedTokenIsInvalid() {
        String[] parts = TestTokens.valid().split("\\.", -1);
        String other = TestTokens.hs256(claims -> claims.subject("mallory")).split("\\.", -1)[1];
        reason(parts[0] + "." + other + "." + parts[2]);
        reason(parts[0] + "." + parts[1] + ".");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a", "a.b.c", "..", "....", "eyJhbGciOiJIUzI1NiJ9.e30.", "eyJhbGciOiJIUzI1NiJ9"})
    void garbageIsInvalid(String token) {
        reason(token);
    }

    @Test
    void longTokenIsNotEvenParsed() {
        assertThat(reason("a".repeat(TokenVerifier.MAX_TOKEN_LENGTH + 1))).isEqualTo("the token is too long");
        assertThat(reason(TestTokens.hs256(claims -> claims.claim("x", "y".repeat(20_000)))))
                .isEqualTo("the token is too long");
    }

    @Test
    void reasonHasNothingOfTheToken() {
        String token = TestTokens.hs256(claims -> claims.subject("alice").expirationTime(TestTokens.in(-90)));
        for (String part : token.split("\\.", -1)) {
            assertThat(reason(token)).doesNotContain(part);
        }
        assertThat(reason("secretpart.other.third")).doesNotContain("secretpart", "other", "third");
    }

    @Test
    void userHasTo255Characters() {
        assertThat(verify(TestTokens.hs256(claims -> claims.subject("u".repeat(255))))
                        .user())
                .hasSize(255);
        assertThat(reason(TestTokens.hs256(claims -> claims.subject("u".repeat(256)))))
                .contains("sub");
        assertThat(reason(TestTokens.hs256(claims -> claims.subject("")))).contains("sub");
        assertThat(reason(TestTokens.hs256(claims -> claims.subject(null)))).contains("sub");
        assertThat(reason(TestTokens.hs256(claims -> claims.subject("a\nb")))).contains("sub");
        assertThat(reason(TestTokens.hs256(claims -> claims.jwtID("a\nb")))).contains("jti");
        assertThat(reason(TestTokens.hs256(claims -> claims.subject("..")))).contains("sub");
        assertThat(reason(TestTokens.hs256(claims -> claims.jwtID(".")))).contains("jti");
        assertThat(verify(TestTokens.hs256(claims -> claims.subject("\ud83d\ude00")))
                        .user())
                .isEqualTo("\ud83d\ude00");
    }

    @Test
    void channelsHaveTo256Patterns() {
        assertThat(verify(withChannels(Collections.nCopies(256, "a"))).subscribe())
                .hasSize(256);
        assertThat(reason(withChannels(Collections.nCopies(257, "a")))).contains("channels");
        assertThat(reason(TestTokens.hs256(claims -> claims.claim("publish", Collections.nCopies(257, "a")))))
                .contains("publish");
    }

    @Test
    void malformedChannelsAreInvalid() {
        assertThat(reason(withChannels("chat:*"))).contains("channels");
        assertThat(reason(withChannels(7))).contains("channels");
        assertThat(reason(withChannels(Map.of("a", "b")))).contains("channels");
        assertThat(reason(withChannels(List.of("a", 7)))).contains("channels");
        assertThat(reason(withChannels(List.of("a b")))).contains("channels");
        assertThat(reason(withChannels(List.of("{user}*")))).contains("channels");
        assertThat(reason(withChannels(List.of("a".repeat(256))))).contains("channels");
        assertThat(reason(withChannels(Collections.singletonList(null)))).contains("channels");
    }

    @Test
    void audienceMustBeOneOfTheConfigured() {
        TokenVerifier strict = verifier(List.of("starling", "other"));
        StepVerifier.create(strict.verify(TestTokens.hs256(claims -> claims.audience(List.of("x", "starling")))))
                .expectNextCount(1)
                .verifyComplete();
        for (Consumer<JWTClaimsSet.Builder> change :
                List.<Consumer<JWTClaimsSet.Builder>>of(c -> {}, c -> c.audience("somebody"))) {
            StepVerifier.create(strict.verify(TestTokens.hs256(change))).verifyError(InvalidTokenException.class);
        }
    }

    @Test
    void missingKeysAreNotTheTokensFault() {
        TokenVerifier broken = verifier(token -> Mono.error(new IllegalStateException("Could not obtain the keys")));
        StepVerifier.create(broken.verify("a.b.c")).verifyError(KeysUnavailableException.class);
    }

    @Test
    void whatTheDecoderSaysOfABadTokenIsNotRepeated() {
        TokenVerifier chatty = verifier(token -> Mono.error(new JwtException("cannot parse " + token)));
        StepVerifier.create(chatty.verify("a.b.c"))
                .verifyErrorSatisfies(error -> assertThat(error)
                        .isInstanceOf(InvalidTokenException.class)
                        .hasNoCause()
                        .message()
                        .doesNotContain("a.b.c"));
    }

    @Test
    void readsSpringsOwnAuthenticationToo() {
        Jwt jwt = Jwt.withTokenValue("t").header("alg", "none").subject("bob").build();
        assertThat(verifier.of(new JwtAuthenticationToken(jwt)).user()).isEqualTo("bob");
        assertThatThrownBy(() -> verifier.of(() -> "somebody")).isInstanceOf(InvalidTokenException.class);
    }

    @Test
    void halfOfASurrogatePairIsNoName() {
        Jwt jwt =
                Jwt.withTokenValue("t").header("alg", "none").subject("a\ud83d").build();
        assertThatThrownBy(() -> verifier.of(new JwtAuthenticationToken(jwt)))
                .isInstanceOf(InvalidTokenException.class);
    }

    @Test
    void authenticationHasTheScopesAndNotTheToken() {
        String token = TestTokens.hs256(claims -> claims.claim("scope", "ops read"));
        StepVerifier.create(verifier.authenticate(token))
                .assertNext(authentication -> {
                    assertThat(authentication.getName()).isEqualTo("alice");
                    assertThat(authentication.getAuthorities())
                            .extracting(Object::toString)
                            .contains("SCOPE_ops", "SCOPE_read");
                    assertThat(authentication.toString()).doesNotContain(token);
                    assertThat(verifier.of(authentication)).isSameAs(authentication.getPrincipal());
                })
                .verifyComplete();
    }

    private static String withChannels(Object channels) {
        return TestTokens.hs256(claims -> claims.claim("channels", channels));
    }

    private VerifiedToken verify(String token) {
        return Objects.requireNonNull(verifier.verify(token).block(Duration.ofSeconds(5)));
    }

    private String reason(String token) {
        String[] reason = new String[1];
        StepVerifier.create(verifier.verify(token)).verifyErrorSatisfies(error -> {
            assertThat(error).isInstanceOf(InvalidTokenException.class).hasNoCause();
            reason[0] = ((InvalidTokenException) error).reason();
        });
        return reason[0];
    }

    private static TokenVerifier verifier(List<String> audiences) {
        return verifier(TokenDecoders.secret(
                TestTokens.SECRET.getBytes(StandardCharsets.UTF_8), TokenDecoders.validator(audiences, List.of())));
    }

    private static TokenVerifier verifier(ReactiveJwtDecoder decoder) {
        return verifier(decoder, new TokenLife(Duration.ofSeconds(25), Duration.ZERO));
    }

    private static TokenVerifier verifier(TokenLife life) {
        return verifier(
                TokenDecoders.secret(
                        TestTokens.SECRET.getBytes(StandardCharsets.UTF_8),
                        TokenDecoders.validator(List.of(), List.of())),
                life);
    }

    private static TokenVerifier verifier(ReactiveJwtDecoder decoder, TokenLife life) {
        return new TokenVerifier(decoder, new ReactiveJwtAuthenticationConverter(), "sub", false, life, token -> false);
    }
}
