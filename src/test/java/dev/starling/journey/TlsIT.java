package dev.starling.journey;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.cert.Certificate;
import java.time.Duration;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** TLS on the server itself, by Spring's own properties. */
class TlsIT {

    @TempDir
    private static Path directory;

    private static final int MANAGEMENT = ServerLaunch.freePort();

    private static SelfSigned first;
    private static SelfSigned second;
    private static SSLContext trust;
    private static ServerProcess server;

    @BeforeAll
    static void start() throws Exception {
        first = SelfSigned.make(directory, "first");
        second = SelfSigned.make(directory, "second");
        trust = SelfSigned.trusting(first, second);
        first.write(certificate(), key());
        server = ServerLaunch.with(
                        "server.ssl.bundle=web",
                        "spring.ssl.bundle.pem.web.reload-on-update=true",
                        "spring.ssl.bundle.pem.web.keystore.certificate=" + certificate(),
                        "spring.ssl.bundle.pem.web.keystore.private-key=" + key(),
                        "spring.ssl.bundle.watch.file.quiet-period=200ms",
                        "management.server.port=" + MANAGEMENT,
                        "starling.limits.message-rate=0")
                .start();
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @Test
    void subscribeAndPublishWorkOverTls() {
        HttpClient http = HttpClient.newBuilder().sslContext(trust).build();
        try (ClientSession session =
                ClientSession.open(http, server.socket(), Tokens.standard().sign())) {
            session.await("welcome");
            session.subscribe("open:tls");
            for (int i = 0; i < 200; i++) {
                session.publish("open:tls", Integer.toString(i));
            }
            for (int i = 0; i < 200; i++) {
                assertThat(session.awaitData().asInt()).isEqualTo(i);
            }
            session.publish("open:tls", "\"" + "x".repeat(60_000) + "\"");
            assertThat(session.awaitData().asString()).hasSize(60_000);
        }
    }

    @Test
    void replacedCertificateIsServedWithoutARestart() throws Exception {
        HttpClient http = HttpClient.newBuilder().sslContext(trust).build();
        try (ClientSession session =
                ClientSession.open(http, server.socket(), Tokens.standard().sign())) {
            session.await("welcome");

            second.write(certificate(), key());

            Awaitility.await()
                    .atMost(Duration.ofSeconds(30))
                    .pollInterval(Duration.ofMillis(200))
                    .until(() -> served().equals(second.certificate()));
            assertThat(session.drain()).as("connections of before live").isEmpty();
        } finally {
            first.write(certificate(), key());
        }
    }

    /** The Helm chart's monitors count on it. */
    @Test
    void managementPortSpeaksTlsToo() throws Exception {
        HttpRequest metrics = HttpRequest.newBuilder(
                        URI.create("https://localhost:" + MANAGEMENT + "/actuator/prometheus"))
                .build();

        HttpClient http = HttpClient.newBuilder().sslContext(trust).build();

        assertThat(http.send(metrics, BodyHandlers.ofString()).body()).contains("ws_connections_active");
    }

    @Test
    void healthCheckOfTheImageAsksByTls() {
        RealParts.program("openssl");
        ImageSteps image = ImageSteps.here(Path.of("src", "main", "docker").toAbsolutePath());

        assertThat(image.isWell(server.port(), "/livez")).isTrue();
        assertThat(image.isWell(server.port(), "/readyz")).isTrue();
        assertThat(image.isWell(server.port(), "/nothing")).isFalse();
    }

    private static Certificate served() throws IOException, GeneralSecurityException {
        SSLContext fresh = SelfSigned.trusting(first, second);
        try (SSLSocket socket = (SSLSocket) fresh.getSocketFactory().createSocket("localhost", server.port())) {
            socket.startHandshake();
            return socket.getSession().getPeerCertificates()[0];
        }
    }

    private static Path certificate() {
        return directory.resolve("tls.crt");
    }

    private static Path key() {
        return directory.resolve("tls.key");
    }
}
