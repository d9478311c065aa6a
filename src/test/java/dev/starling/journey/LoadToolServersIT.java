package dev.starling.journey;

import static org.assertj.core.api.Assertions.assertThat;

import dev.starling.redis.RedisServer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The load tool against servers of which each test needs its own: drained ones, and one with a certificate. */
@Tag("long")
class LoadToolServersIT {

    @Test
    void drainTellsEveryoneAndLosesNothing() {
        try (RedisServer redis = RedisServer.start();
                Nodes nodes = Nodes.start(2, redis.properties())) {
            LoadTool run = LoadTool.run(
                    "drain --json --secret",
                    ServerLaunch.SECRET,
                    "--prefix kept:drain: --url",
                    nodes.get(0).socket().toString(),
                    "--url",
                    nodes.get(1).socket().toString(),
                    "--pid",
                    Long.toString(nodes.get(0).pid()),
                    "--connections 30 --publish-rate 50 --duration 500ms");

            assertThat(run.status()).as(run.output() + run.errors()).isZero();
            assertThat(run.json().at("/goaways").asInt()).isPositive();
            assertThat(run.json().at("/untold").asInt(-1)).isZero();
        }
    }

    @Test
    void encryptedConnectionsWantACertificateThatIsBelieved(@TempDir Path directory) throws Exception {
        Path certificate = directory.resolve("tls.crt");
        Path key = directory.resolve("tls.key");
        SelfSigned.make(directory, "load").write(certificate, key);
        try (ServerProcess secure = ServerLaunch.with(
                        "server.ssl.bundle=web",
                        "spring.ssl.bundle.pem.web.keystore.certificate=" + certificate,
                        "spring.ssl.bundle.pem.web.keystore.private-key=" + key)
                .start()) {
            assertThat(secured(secure, "--ca", certificate.toString()).status()).isZero();
            assertThat(secured(secure, "--insecure").status()).isZero();
            LoadTool doubtful = secured(secure);
            assertThat(doubtful.status()).isEqualTo(1);
            assertThat(doubtful.json().at("/failures/TLS handshake failed").asInt())
                    .isEqualTo(5);
        }
    }

    private static LoadTool secured(ServerProcess server, String... more) {
        List<String> words = new ArrayList<>(List.of(
                "fanout --json --url",
                server.socket().toString(),
                "--secret",
                ServerLaunch.SECRET,
                "--connections 5 --messages 20 --publish-rate 100 --warm-up 0s --duration 5s --settle 2s"));
        words.addAll(List.of(more));
        return LoadTool.run(words.toArray(String[]::new));
    }

    @Test
    void drainOfTheOnlyNodeEndsEveryoneAsTheProtocolSays() {
        try (ServerProcess only = Nodes.alone()) {
            LoadTool run = LoadTool.run(
                    "drain --json --secret",
                    ServerLaunch.SECRET,
                    "--prefix kept:only: --url",
                    only.socket().toString(),
                    "--pid",
                    Long.toString(only.pid()),
                    "--connections 20 --duration 300ms --settle 2s");

            assertThat(run.status()).as(run.output() + run.errors()).isZero();
            assertThat(run.json().at("/goaways").asInt()).isEqualTo(20);
            assertThat(run.json().at("/endings/closed with 1001").asInt()).isEqualTo(20);
        }
    }
}
