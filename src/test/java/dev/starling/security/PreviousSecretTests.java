package dev.starling.security;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.springframework.security.oauth2.core.OAuth2TokenValidator;
import org.springframework.security.oauth2.jwt.BadJwtException;
import org.springframework.security.oauth2.jwt.Jwt;
import org.springframework.security.oauth2.jwt.JwtValidationException;
import org.springframework.security.oauth2.jwt.ReactiveJwtDecoder;
import reactor.test.StepVerifier;

/** While a secret is changed. */
class PreviousSecretTests {

    private static final byte[] CURRENT = bytes("the secret of today, 32 bytes or more");
    private static final byte[] PREVIOUS = bytes("the secret of yesterday, 32 bytes or more");
    private static final byte[] FOREIGN = bytes("the secret of somebody else, 32 bytes or more");
    private static final OAuth2TokenValidator<Jwt> VALIDATOR = TokenDecoders.validator(List.of(), List.of());

    private final ReactiveJwtDecoder decoder =
            TokenDecoders.either(TokenDecoders.secret(CURRENT, VALIDATOR), TokenDecoders.secret(PREVIOUS, VALIDATOR));

    @Test
    void tokensOfBothAreTaken() {
        for (byte[] secret : List.of(CURRENT, PREVIOUS)) {
            StepVerifier.create(decoder.decode(TestTokens.hs256(secret, claims -> {})))
                    .assertNext(token -> assertThat(token.getSubject()).isEqualTo("alice"))
                    .verifyComplete();
        }
    }

    @Test
    void tokensOfNeitherAreRefused() {
        StepVerifier.create(decoder.decode(TestTokens.hs256(FOREIGN, claims -> {})))
                .verifyErrorSatisfies(refused -> assertThat(refused)
                        .isInstanceOf(BadJwtException.class)
                        .isNotInstanceOf(JwtValidationException.class));
        StepVerifier.create(decoder.decode("no.token.atall")).verifyError(BadJwtException.class);
    }

    @Test
    void expiredTokenIsRefusedForThatWhicheverSignedIt() {
        for (byte[] secret : List.of(CURRENT, PREVIOUS)) {
            String expired = TestTokens.hs256(secret, claims -> claims.expirationTime(TestTokens.in(-90)));
            StepVerifier.create(decoder.decode(expired))
                    .verifyErrorSatisfies(refused -> assertThat(refused)
                            .isInstanceOf(JwtValidationException.class)
                            .hasMessageContaining("expired"));
        }
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
