package dev.starling.security;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.http.client.ReactorResourceFactory;
import org.springframework.security.oauth2.jwt.NimbusReactiveJwtDecoder;
import reactor.core.publisher.Mono;
import reactor.netty.resources.LoopResources;

/** A context that has fetched keys closes, whether its event loops are its own or those of the JVM. */
final class KeyFetchShutdownTests {

    private static final int CLOSES = 60;
    private static final Duration CLOSE = Duration.ofSeconds(20);

    @SuppressWarnings("NullAway.Init")
    private static RSAKey key;

    @SuppressWarnings("NullAway.Init")
    private static HttpServer issuer;

    @BeforeAll
    static void start() throws Exception {
        key = new RSAKeyGenerator(2048).keyID("k").generate();
        byte[] keys = new JWKSet(key.toPublicJWK()).toString().getBytes(StandardCharsets.UTF_8);
        issuer = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 50);
        issuer.createContext("/", exchange -> {
            exchange.sendResponseHeaders(200, keys.length);
            exchange.getResponseBody().write(keys);
            exchange.close();
        });
        issuer.start();
    }

    @AfterAll
    static void stop() {
        issuer.stop(0);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void contextClosesEachTimeAfterAFetch(boolean loopsOfTheJvm) throws Exception {
        String token = TestTokens.sign(TestTokens.header(JWSAlgorithm.RS256, "k"), new RSASSASigner(key), claims -> {});
        for (int i = 0; i < CLOSES; i++) {
            AnnotationConfigApplicationContext context = context(loopsOfTheJvm);

            assertThat(decode(context, issuer.getAddress().getPort(), token).block(CLOSE))
                    .isNotNull();
            close(context);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void contextClosesWhileAFetchWaitsForTheIssuer(boolean loopsOfTheJvm) throws Exception {
        String token = TestTokens.sign(TestTokens.header(JWSAlgorithm.RS256, "k"), new RSASSASigner(key), claims -> {});
        try (ServerSocket silent = new ServerSocket(0, 10, InetAddress.getLoopbackAddress())) {
            AnnotationConfigApplicationContext context = context(loopsOfTheJvm);
            decode(context, silent.getLocalPort(), token).onErrorComplete().subscribe();
            try (Socket asked = silent.accept()) {
                assertThat(asked.getInputStream().read()).isEqualTo('G');
                close(context);
            }
        }
    }

    @Test
    void fetchLeavesNoConnectionBehind() throws Exception {
        byte[] keys = new JWKSet(key.toPublicJWK()).toString().getBytes(StandardCharsets.UTF_8);
        String token = TestTokens.sign(TestTokens.header(JWSAlgorithm.RS256, "k"), new RSASSASigner(key), claims -> {});
        try (ServerSocket server = new ServerSocket(0, 10, InetAddress.getLoopbackAddress())) {
            AnnotationConfigApplicationContext context = context(false);
            CompletableFuture<?> decoded =
                    decode(context, server.getLocalPort(), token).toFuture();
            try (Socket asked = server.accept()) {
                answer(asked, keys);
                decoded.get(CLOSE.toSeconds(), TimeUnit.SECONDS);

                assertThat(asked.getInputStream().read()).as("end").isNegative();
            }
            close(context);
        }
    }

    /** Answers a request and leaves the connection open; returns when the request has been read. */
    private static void answer(Socket asked, byte[] keys) throws IOException {
        asked.setSoTimeout((int) CLOSE.toMillis());
        StringBuilder request = new StringBuilder();
        while (request.indexOf("\r\n\r\n") < 0) {
            request.append((char) asked.getInputStream().read());
        }
        String head =
                "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: " + keys.length + "\r\n\r\n";
        asked.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));
        asked.getOutputStream().write(keys);
    }

    private static AnnotationConfigApplicationContext context(boolean loopsOfTheJvm) {
        AnnotationConfigApplicationContext context = new AnnotationConfigApplicationContext();
        context.registerBean(ReactorResourceFactory.class, () -> {
            ReactorResourceFactory resources = new ReactorResourceFactory();
            resources.setUseGlobalResources(loopsOfTheJvm);
            if (!loopsOfTheJvm) {
                resources.setLoopResourcesSupplier(() -> LoopResources.create("key-fetch", 1, true));
            }
            resources.setShutdownQuietPeriod(Duration.ZERO);
            return resources;
        });
        context.refresh();
        return context;
    }

    private static Mono<?> decode(AnnotationConfigApplicationContext context, int port, String token) {
        NimbusReactiveJwtDecoder.JwkSetUriReactiveJwtDecoderBuilder builder =
                NimbusReactiveJwtDecoder.withJwkSetUri("http://localhost:" + port + "/jwks");
        new TokenConfiguration()
                .jwkSetCache(context.getBeanProvider(ReactorResourceFactory.class))
                .customize(builder);
        return builder.build().decode(token);
    }

    private static void close(AnnotationConfigApplicationContext context) throws Exception {
        CompletableFuture.runAsync(context::close, task -> new Thread(task, "close").start())
                .get(CLOSE.toSeconds(), TimeUnit.SECONDS);
    }
}
