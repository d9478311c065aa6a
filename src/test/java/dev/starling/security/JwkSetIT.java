package dev.starling.security;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.sun.net.httpserver.HttpServer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class JwkSetIT {

    private static final String JWT = "--spring.security.oauth2.resourceserver.jwt.";

    private final AtomicInteger fetches = new AtomicInteger();

    @SuppressWarnings("NullAway.Init")
    private RSAKey rsa;

    @SuppressWarnings("NullAway.Init")
    private ECKey ec;

    @SuppressWarnings("NullAway.Init")
    private HttpServer issuer;

    @BeforeAll
    void start() throws Exception {
        rsa = new RSAKeyGenerator(2048).keyID("r1").generate();
        ec = new ECKeyGenerator(Curve.P_256).keyID("e1").generate();
        byte[] keys = new JWKSet(List.of(rsa.toPublicJWK(), ec.toPublicJWK()))
                .toString()
                .getBytes(StandardCharsets.UTF_8);
        issuer = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 50);
        issuer.createContext("/jwks", exchange -> {
            fetches.incrementAndGet();
            exchange.sendResponseHeaders(200, keys.length);
            exchange.getResponseBody().write(keys);
            exchange.close();
        });
        issuer.start();
    }

    @AfterAll
    void stop() {
        issuer.stop(0);
    }

    @Test
    void keysOfTheIssuerVerifyTokensAndOthersDoNot() throws Exception {
        try (RunningServer server = server(issuer.getAddress().getPort())) {
            assertThat(status(server, rs("r1"))).isEqualTo(200);
            assertThat(status(
                            server,
                            TestTokens.sign(
                                    TestTokens.header(JWSAlgorithm.ES256, "e1"), new ECDSASigner(ec), claims -> {})))
                    .isEqualTo(200);
            assertThat(status(server, TestTokens.unsigned(claims -> {}))).isEqualTo(401);
            assertThat(status(server, TestTokens.hs256(rsa.toRSAPublicKey().getEncoded(), claims -> {})))
                    .isEqualTo(401);
            assertThat(status(
                            server,
                            TestTokens.sign(
                                    TestTokens.header(JWSAlgorithm.PS256, "r1"), new RSASSASigner(rsa), claims -> {})))
                    .isEqualTo(401);

            int before = fetches.get();
            for (int i = 0; i < 50; i++) {
                assertThat(status(server, rs("unknown" + i))).isEqualTo(401);
            }
            assertThat(fetches.get() - before)
                    .as("requests that unknown keys cost the issuer")
                    .isLessThan(10);
        }
    }

    @Test
    void issuerThatDoesNotAnswerIsNotTheTokensFault() throws Exception {
        HttpServer gone = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 1);
        int port = gone.getAddress().getPort();
        gone.stop(0);
        try (RunningServer server = server(port)) {
            HttpResponse<String> response = server.get(server.port(), "/ws", rs("r1"));
            assertThat(response.statusCode()).isEqualTo(503);
            assertThat(response.body()).contains("not_ready");
            assertThat(response.headers().firstValue("Retry-After")).isPresent();
        }
    }

    private static RunningServer server(int issuerPort) {
        return new RunningServer(
                Object.class,
                JWT + "jwk-set-uri=http://localhost:" + issuerPort + "/jwks",
                JWT + "jws-algorithms=RS256,ES256");
    }

    private String rs(String keyId) throws Exception {
        return TestTokens.sign(TestTokens.header(JWSAlgorithm.RS256, keyId), new RSASSASigner(rsa), claims -> {});
    }

    private static int status(RunningServer server, String token) throws Exception {
        return server.get(server.port(), "/ws", token).statusCode();
    }
}
