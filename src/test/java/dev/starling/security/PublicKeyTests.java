package dev.starling.security;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.PublicKey;
import java.util.Base64;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.security.oauth2.server.resource.autoconfigure.reactive.ReactiveOAuth2ResourceServerAutoConfiguration;
import org.springframework.boot.test.context.runner.ReactiveWebApplicationContextRunner;
import org.springframework.boot.web.server.autoconfigure.ServerProperties;
import reactor.test.StepVerifier;

class PublicKeyTests {

    private static final String KEY = "spring.security.oauth2.resourceserver.jwt.public-key-location=";
    private static final String ALGORITHM = "spring.security.oauth2.resourceserver.jwt.jws-algorithms=";

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    private final ReactiveWebApplicationContextRunner runner = new ReactiveWebApplicationContextRunner()
            .withConfiguration(AutoConfigurations.of(ReactiveOAuth2ResourceServerAutoConfiguration.class))
            .withUserConfiguration(TokenConfiguration.class, Properties.class);

    @EnableConfigurationProperties({SecurityProperties.class, ApiKeyProperties.class, ServerProperties.class})
    static class Properties {}

    @Test
    void ecKeyVerifiesItsAlgorithmOnly() throws Exception {
        ECKey key = new ECKeyGenerator(Curve.P_256).generate();
        ECKey other = new ECKeyGenerator(Curve.P_256).generate();
        runner.withPropertyValues(KEY + pem(key.toPublicKey()), ALGORITHM + "ES256")
                .run(context -> {
                    TokenVerifier verifier = context.getBean(TokenVerifier.class);
                    assertValid(verifier, es(JWSAlgorithm.ES256, key));
                    assertInvalid(verifier, es(JWSAlgorithm.ES256, other));
                    assertInvalid(verifier, TestTokens.unsigned(claims -> {}));
                    assertInvalid(verifier, TestTokens.hs256(key.toPublicKey().getEncoded(), claims -> {}));
                });
    }

    @Test
    void ecVerificationLeavesTheThreadOfTheCaller() throws Exception {
        ECKey key = new ECKeyGenerator(Curve.P_384).generate();
        runner.withPropertyValues(KEY + pem(key.toPublicKey()), ALGORITHM + "ES384")
                .run(context -> {
                    AtomicReference<String> thread = new AtomicReference<>("");
                    StepVerifier.create(context.getBean(TokenVerifier.class)
                                    .verify(es(JWSAlgorithm.ES384, key))
                                    .doOnNext(token ->
                                            thread.set(Thread.currentThread().getName())))
                            .expectNextCount(1)
                            .verifyComplete();
                    assertThat(thread.get()).startsWith("parallel");
                });
    }

    @Test
    void keyOnAnotherCurveThanTheAlgorithmStopsTheStart() throws Exception {
        ECKey key = new ECKeyGenerator(Curve.P_256).generate();
        runner.withPropertyValues(KEY + pem(key.toPublicKey()), ALGORITHM + "ES384")
                .run(context -> assertThat(context)
                        .getFailure()
                        .rootCause()
                        .hasMessageContaining("jws-algorithms")
                        .hasMessageContaining("ES384"));
    }

    @Test
    void rsaKeyForAnEcAlgorithmStopsTheStart() throws Exception {
        RSAKey key = new RSAKeyGenerator(2048).generate();
        runner.withPropertyValues(KEY + pem(key.toPublicKey()), ALGORITHM + "ES256")
                .run(context ->
                        assertThat(context).getFailure().rootCause().hasMessageContaining("public-key-location"));
    }

    @Test
    void rsaKeyVerifiesItsAlgorithmOnly() throws Exception {
        RSAKey key = new RSAKeyGenerator(2048).generate();
        String file = pem(key.toPublicKey());
        byte[] pem = Files.readAllBytes(Path.of(file.substring("file:".length())));
        runner.withPropertyValues(KEY + file).run(context -> {
            TokenVerifier verifier = context.getBean(TokenVerifier.class);
            assertValid(verifier, rs(JWSAlgorithm.RS256, key));
            assertInvalid(verifier, rs(JWSAlgorithm.PS256, key));
            assertInvalid(verifier, rs(JWSAlgorithm.RS256, new RSAKeyGenerator(2048).generate()));
            assertInvalid(verifier, TestTokens.unsigned(claims -> {}));
            // The classic: the public key is no secret, and the attacker signs with it as if it were one.
            assertInvalid(verifier, TestTokens.hs256(key.toPublicKey().getEncoded(), claims -> {}));
            assertInvalid(verifier, TestTokens.hs256(pem, claims -> {}));
        });
    }

    private static String es(JWSAlgorithm algorithm, ECKey key) throws JOSEException {
        return TestTokens.sign(new JWSHeader(algorithm), new ECDSASigner(key), claims -> {});
    }

    private static String rs(JWSAlgorithm algorithm, RSAKey key) throws JOSEException {
        return TestTokens.sign(new JWSHeader(algorithm), new RSASSASigner(key), claims -> {});
    }

    private static void assertValid(TokenVerifier verifier, String token) {
        StepVerifier.create(verifier.verify(token)).expectNextCount(1).verifyComplete();
    }

    private static void assertInvalid(TokenVerifier verifier, String token) {
        StepVerifier.create(verifier.verify(token)).verifyError(InvalidTokenException.class);
    }

    private String pem(PublicKey key) throws IOException {
        Path file = Files.createTempFile(folder, "key", ".pem");
        String base64 = Base64.getMimeEncoder().encodeToString(key.getEncoded());
        Files.write(
                file,
                ("-----BEGIN PUBLIC KEY-----\n" + base64 + "\n-----END PUBLIC KEY-----\n")
                        .getBytes(StandardCharsets.US_ASCII));
        return "file:" + file;
    }
}
