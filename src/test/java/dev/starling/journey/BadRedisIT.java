package dev.starling.journey;

import static org.assertj.core.api.Assertions.assertThat;

import dev.starling.redis.FreePorts;
import dev.starling.redis.RedisServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What stands where the node looks for its Redis is none, or none that helps. The node says so, and waits for a better one. */
@Tag("long")
class BadRedisIT {

    private static final Duration BOUND = Duration.ofSeconds(15);

    @TempDir
    private static Path directory;

    private static int port;
    private static ServerProcess node;

    /** It starts without any Redis. */
    @BeforeAll
    static void start() {
        port = FreePorts.next();
        node = Nodes.launch(List.of("spring.data.redis.host=127.0.0.1", "spring.data.redis.port=" + port))
                .startUnready();
        assertThat(node.answers("/readyz")).isFalse();
    }

    @AfterAll
    static void stop() {
        node.close();
    }

    @AfterEach
    void servesAsSoonAsThereIsAGoodOne() {
        try (RedisServer good = RedisServer.startOn(port)) {
            String channel = "kept:" + UUID.randomUUID();
            node.awaitReady(BOUND);
            try (CheckedRun run = new CheckedRun(List.of(node))) {
                run.subscribe(0, channel);
                run.awaitStanding();
                run.publish(0, channel, 200);
                run.awaitPublished(20);
                run.finishComplete();
            }
            assertThat(good.isAlive()).isTrue();
        }
        assertThat(node.newFaults()).isEmpty();
    }

    @Test
    void nobodyThere() {
        staysUnready("unreachable");
    }

    @Test
    void wrongPassword() {
        try (RedisServer bad = RedisServer.startOn(port, "requirepass secret")) {
            staysUnready("auth_refused");
            assertThat(bad.isAlive()).isTrue();
        }
    }

    @Test
    void replica() {
        try (RedisServer master = RedisServer.start();
                RedisServer bad = RedisServer.startOn(port, "replicaof 127.0.0.1 " + master.port())) {
            staysUnready("read_only");
            assertThat(bad.isAlive()).isTrue();
        }
    }

    @Test
    void outOfMemory() {
        try (RedisServer bad = RedisServer.startOn(port, "maxmemory-policy noeviction")) {
            Awaitility.await().atMost(BOUND).until(() -> node.answers("/readyz"));
            bad.cli("CONFIG", "SET", "maxmemory", "1");
            try (ClientSession client = ClientSession.open(node)) {
                client.send("{\"type\":\"publish\",\"id\":1,\"channel\":\"kept:oom\",\"data\":1}");
                assertThat(client.await("error").get("code").asInt()).isEqualTo(109);
            }
            Awaitility.await()
                    .atMost(BOUND)
                    .until(() -> node.health().contains("out_of_memory")
                            && node.log().text().contains("out_of_memory"));
            assertThat(node.answers("/livez")).isTrue();
        }
    }

    @Test
    void somethingElse() throws IOException {
        try (ServerSocket server = new ServerSocket(port, 50, InetAddress.getLoopbackAddress())) {
            CompletableFuture<Void> talking = CompletableFuture.runAsync(() -> talkNonsense(server));
            staysUnready("not_redis");
            assertThat(talking).isNotDone();
        }
    }

    @Test
    void oneThatTakesConnectionsAndSaysNothing() throws IOException {
        try (ServerSocket server = new ServerSocket(port, 50, InetAddress.getLoopbackAddress())) {
            staysUnready("timeout");
            assertThat(server.isClosed()).isFalse();
        }
    }

    /** With a password, over TLS, by Spring's own properties. */
    @Test
    void securedRedisServesToo() throws Exception {
        SelfSigned identity = SelfSigned.make(directory, "redis");
        Path certificate = directory.resolve("redis.crt");
        Path key = directory.resolve("redis.key");
        identity.write(certificate, key);
        try (RedisServer redis = RedisServer.startTls(certificate, key, "requirepass secret");
                ServerProcess secured = Nodes.launch(List.of(
                                "spring.data.redis.url=rediss://:secret@localhost:" + redis.tlsPort(),
                                "spring.data.redis.ssl.bundle=redis",
                                "spring.ssl.bundle.pem.redis.truststore.certificate=" + certificate))
                        .start();
                CheckedRun run = new CheckedRun(List.of(secured))) {
            run.subscribe(0, "kept:secured");
            run.awaitStanding();
            run.publish(0, "kept:secured", 200);
            run.awaitPublished(20);
            run.finishComplete();
        }
    }

    /** The node lives, does not hammer at the door, refuses at once, and says what is wrong. */
    private static void staysUnready(String why) {
        Awaitility.await().atMost(BOUND).until(() -> node.health().contains(why));
        int lines = node.log().lines().size();
        Duration cpu = node.cpu();
        long start = System.nanoTime();
        Awaitility.await()
                .pollInterval(Duration.ofMillis(250))
                .until(() -> System.nanoTime() - start > Duration.ofSeconds(2).toNanos());
        assertThat(node.cpu().minus(cpu)).isLessThan(Duration.ofSeconds(1));
        assertThat(node.log().lines().size() - lines).isLessThan(10);
        assertThat(node.answers("/livez")).isTrue();
        assertThat(node.answers("/readyz")).isFalse();
        assertThat(node.log().text()).contains(why);
        try (ClientSession client = ClientSession.open(node)) {
            client.send("{\"type\":\"publish\",\"id\":1,\"channel\":\"kept:x\",\"data\":1}");
            assertThat(client.await("error").get("code").asInt()).isEqualTo(109);
            client.send("{\"type\":\"subscribe\",\"id\":2,\"channel\":\"kept:x\"}");
            assertThat(client.await("error").get("code").asInt()).isEqualTo(109);
        }
    }

    private static void talkNonsense(ServerSocket server) {
        while (!server.isClosed()) {
            try (Socket socket = server.accept();
                    OutputStream out = socket.getOutputStream()) {
                out.write("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
                out.flush();
                socket.setSoTimeout(500);
                socket.getInputStream().readNBytes(64);
            } catch (IOException e) {
                // gone, as all are who hear this: the next one, please
            }
        }
    }
}
