package dev.starling.journey;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.JOSEException;
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
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Tokens of an identity provider that publishes its keys. */
class JwksIT {

    private static final String AUDIENCE = "starling-journeys";

    private static RSAKey rsa;
    private static ECKey elliptic;
    private static HttpServer provider;
    private static ServerProcess server;

    @BeforeAll
    static void start() throws Exception {
        rsa = new RSAKeyGenerator(2048).keyID("rsa").generate();
        elliptic = new ECKeyGenerator(Curve.P_256).keyID("ec").generate();
        provider = serve(new JWKSet(List.of(rsa, elliptic)).toString());
        server = ServerLaunch.bare(
                        "spring.security.oauth2.resourceserver.jwt.jwk-set-uri=http://localhost:"
                                + provider.getAddress().getPort() + "/keys",
                        "spring.security.oauth2.resourceserver.jwt.jws-algorithms=RS256,ES256",
                        "spring.security.oauth2.resourceserver.jwt.audiences=" + AUDIENCE)
                .start();
    }

    @AfterAll
    static void stop() {
        server.close();
        provider.stop(0);
    }

    @Test
    void tokenOfAPublishedRsaKeyOpens() throws Exception {
        assertThat(status(rsaToken(rsa).audience(AUDIENCE).keyId("rsa"))).isEqualTo(101);
    }

    @Test
    void tokenOfAPublishedEllipticKeyOpens() throws Exception {
        Tokens token = Tokens.signed(JWSAlgorithm.ES256, new ECDSASigner(elliptic));

        assertThat(status(token.audience(AUDIENCE).keyId("ec"))).isEqualTo(101);
    }

    @Test
    void unknownKeyIsRefused() throws Exception {
        RSAKey other = new RSAKeyGenerator(2048).keyID("unknown").generate();

        assertThat(status(rsaToken(other).audience(AUDIENCE).keyId("unknown"))).isEqualTo(401);
    }

    @Test
    void otherKeyUnderAKnownNameIsRefused() throws Exception {
        RSAKey other = new RSAKeyGenerator(2048).keyID("rsa").generate();

        assertThat(status(rsaToken(other).audience(AUDIENCE).keyId("rsa"))).isEqualTo(401);
    }

    @Test
    void publicKeyIsNoHmacSecret() throws Exception {
        byte[] der = rsa.toRSAPublicKey().getEncoded();
        String pem = "-----BEGIN PUBLIC KEY-----\n"
                + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der) + "\n-----END PUBLIC KEY-----\n";

        assertThat(status(Tokens.secret(der).audience(AUDIENCE).keyId("rsa"))).isEqualTo(401);
        assertThat(status(Tokens.secret(pem.getBytes(StandardCharsets.US_ASCII))
                        .audience(AUDIENCE)
                        .keyId("rsa")))
                .isEqualTo(401);
    }

    @Test
    void unsignedTokenIsRefused() throws Exception {
        assertThat(status(rsaToken(rsa).audience(AUDIENCE).unsigned())).isEqualTo(401);
    }

    @Test
    void tokenForAnotherAudienceIsRefused() throws Exception {
        assertThat(status(rsaToken(rsa).audience("somebody-else").keyId("rsa"))).isEqualTo(401);
    }

    private static Tokens rsaToken(RSAKey key) throws JOSEException {
        return Tokens.signed(JWSAlgorithm.RS256, new RSASSASigner(key));
    }

    private static int status(Tokens token) {
        return status(token.sign());
    }

    private static int status(String token) {
        try (RawClient client = RawClient.connect(server.port())) {
            return client.upgrade("/ws", "Authorization: Bearer " + token).status();
        }
    }

    private static HttpServer serve(String keys) throws IOException {
        HttpServer http = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        byte[] body = keys.getBytes(StandardCharsets.UTF_8);
        http.createContext("/keys", exchange -> {
            exchange.getResponseHeaders().add("Content-Type", "application/json");
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        http.start();
        return http;
    }
}
