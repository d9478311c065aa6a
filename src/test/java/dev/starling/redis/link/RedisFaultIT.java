package dev.starling.redis.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.starling.redis.RedisServer;
import io.micrometer.core.instrument.FunctionCounter;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.Status;

/** Servers that answer, but not as they should: the health says why, nobody hurries, and all is well once they are. */
final class RedisFaultIT {

    private static final String QUICK = "starling.broker.redis.probe-interval=100ms";

    @Test
    void wrongPasswordIsSaidAndTriedAgainWithoutHaste() {
        try (RedisServer redis = RedisServer.start("requirepass secret");
                LinkNode node = LinkNode.begin(List.of(
                        "spring.data.redis.host=" + RedisServer.HOST,
                        "spring.data.redis.port=" + redis.port(),
                        "spring.data.redis.password=wrong"))) {
            awaitDown(node, RedisFault.AUTH_REFUSED);
            long before = connections(redis);
            LinkNode.await(() -> node.refusals(RedisFault.AUTH_REFUSED) >= 5);
            assertThat(connections(redis) - before).isLessThan(40);

            redis.cli("CONFIG", "SET", "requirepass", "wrong");

            node.awaitWell();
        }
    }

    @Test
    void missingPasswordIsSaid() {
        try (RedisServer redis = RedisServer.start("requirepass secret");
                LinkNode node = LinkNode.begin(List.of(
                        "spring.data.redis.host=" + RedisServer.HOST, "spring.data.redis.port=" + redis.port()))) {
            awaitDown(node, RedisFault.AUTH_REFUSED);
        }
    }

    @Test
    void userWhoMayNotHearOurChannelsIsSaid() {
        try (RedisServer redis = RedisServer.start("user limited on >secret ~* &other* +@all");
                LinkNode node = LinkNode.begin(List.of(
                        "spring.data.redis.host=" + RedisServer.HOST,
                        "spring.data.redis.port=" + redis.port(),
                        "spring.data.redis.username=limited",
                        "spring.data.redis.password=secret"))) {
            awaitDown(node, RedisFault.NOT_PERMITTED);

            redis.cli("ACL", "SETUSER", "limited", "&ws:*");

            node.awaitWell();
        }
    }

    @Test
    void readOnlyReplicaIsSaid() {
        try (RedisServer master = RedisServer.start();
                RedisServer replica = RedisServer.start("replicaof " + RedisServer.HOST + " " + master.port());
                LinkNode node = LinkNode.begin(replica.properties())) {
            awaitDown(node, RedisFault.READ_ONLY);

            replica.cli("REPLICAOF", "NO", "ONE");

            node.awaitWell();
        }
    }

    @Test
    void fullRedisIsSaidAndForgottenWhenItHasRoomAgain() {
        try (RedisServer redis = RedisServer.start();
                LinkNode node = LinkNode.start(redis.properties())) {
            redis.cli("CONFIG", "SET", "maxmemory", "1");

            awaitDown(node, RedisFault.OUT_OF_MEMORY);
            assertThat(node.links().isUp("ws:{a}")).isTrue();
            redis.cli("CONFIG", "SET", "maxmemory", "0");

            node.awaitWell();
        }
    }

    @Test
    void redisThatCantSaveIsSaid() {
        try (RedisServer redis = RedisServer.start();
                LinkNode node = LinkNode.start(redis.properties())) {
            redis.cli("CONFIG", "SET", "min-replicas-to-write", "1");

            awaitDown(node, RedisFault.NOT_PERSISTING);
        }
    }

    /** Redis answers an error to a PING as well then. Not in Docker. */
    @Test
    void redisWhoseDiskFailsIsSaidOverTheConnectionsThatThereAre() throws IOException {
        String file = "taken-" + System.nanoTime() + ".rdb";
        try (RedisServer redis = RedisServer.start("save 3600 1000000", "dbfilename " + file);
                LinkNode node = LinkNode.start(redis.properties(), QUICK)) {
            Object directory = redis.list("CONFIG", "GET", "dir").get(1);
            Files.createDirectory(Path.of(directory.toString(), file)); // no file can take its place
            redis.cli("BGSAVE");
            LinkNode.await(() -> redis.info("rdb_last_bgsave_status").equals("err"));
            assertThatThrownBy(() -> redis.cli("PING")).hasMessageContaining("MISCONF");

            awaitDown(node, RedisFault.NOT_PERSISTING);
            staysConnected(node);
            assertThat(node.condition().commands()).isEqualTo(RedisFault.NOT_PERSISTING);
            redis.cli("CONFIG", "SET", "stop-writes-on-bgsave-error", "no");

            node.awaitWell();
            assertThat(losses(node)).isZero();
        }
    }

    @Test
    void redisThatIsBusyWithAScriptIsSaidOverTheConnectionsThatThereAre() {
        try (RedisServer redis = RedisServer.start("lua-time-limit 100");
                LinkNode node = LinkNode.start(redis.properties(), QUICK)) {
            CompletableFuture<Void> script =
                    CompletableFuture.runAsync(() -> redis.cli("EVAL", "while true do end", "0"));

            awaitDown(node, RedisFault.BUSY);
            staysConnected(node);
            node.links().add("ws:{a}");
            assertThat(node.confirmations("ws:{a}")).isZero();
            redis.cli("SCRIPT", "KILL");

            node.awaitWell();
            LinkNode.await(() -> node.confirmations("ws:{a}") == 1 && script.isDone());
            assertThat(losses(node)).isZero();
        }
    }

    @Test
    void userWhoMayNotPingIsServed() {
        try (RedisServer redis = RedisServer.start();
                LinkNode node = LinkNode.start(redis.properties(), QUICK)) {
            redis.cli("ACL", "SETUSER", "default", "-ping", "-info");

            staysConnected(node);
            assertThat(node.condition().isWell()).isTrue();
            assertThat(losses(node)).isZero();
        }
    }

    /** For many probes. */
    private static void staysConnected(LinkNode node) {
        long end = System.nanoTime() + 2_000_000_000L;
        LinkNode.await(() -> System.nanoTime() - end > 0);
        assertThat(losses(node)).isZero();
        assertThat(node.links().isUp("ws:{a}")).isTrue();
    }

    private static double losses(LinkNode node) {
        return node.meters().get("ws.broker.link.losses").functionCounters().stream()
                .mapToDouble(FunctionCounter::count)
                .sum();
    }

    @ParameterizedTest
    @ValueSource(strings = {"HTTP/1.1 400 Bad Request", "SSH-2.0-OpenSSH_9.2p1", "$-7"})
    void whatIsNotRedisIsSaidAndTriedAgainWithoutHaste(String answer) throws IOException {
        try (Babbler babbler = new Babbler(answer);
                LinkNode node = LinkNode.begin(babbler.properties())) {
            awaitDown(node, RedisFault.NOT_REDIS);
            long began = System.nanoTime();
            int before = babbler.connections.get();
            LinkNode.await(() -> System.nanoTime() - began > 2_000_000_000L);
            assertThat(babbler.connections.get() - before).isLessThan(40);
        }
    }

    @Test
    void tooOldRedisIsSaid() throws IOException {
        try (Babbler old = new Babbler("+PONG", "redis_version:5.0.14");
                LinkNode node = LinkNode.begin(old.properties())) {
            awaitDown(node, RedisFault.TOO_OLD);
        }
    }

    private static void awaitDown(LinkNode node, RedisFault fault) {
        LinkNode.await(() -> node.fault() == fault && isDown(node.health(), fault));
    }

    private static boolean isDown(Health health, RedisFault fault) {
        return health.getStatus().equals(Status.DOWN)
                && health.getDetails().toString().contains("state=" + fault.text());
    }

    private static long connections(RedisServer redis) {
        return redis.info("total_connections_received").isEmpty()
                ? 0
                : Long.parseLong(redis.info("total_connections_received"));
    }

    /** Answers each piece that it reads with one line, or with a bulk string if it is asked for information. */
    private static final class Babbler implements AutoCloseable {

        private final ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        private final AtomicInteger connections = new AtomicInteger();
        private final String answer;
        private final String info;

        private Babbler(String answer) throws IOException {
            this(answer, answer);
        }

        private Babbler(String answer, String info) throws IOException {
            this.answer = answer;
            this.info = info;
            daemon(this::accept);
        }

        private List<String> properties() {
            return List.of(
                    "spring.data.redis.host=" + RedisServer.HOST, "spring.data.redis.port=" + server.getLocalPort());
        }

        private void accept() throws IOException {
            while (true) {
                Socket socket = server.accept();
                connections.incrementAndGet();
                daemon(() -> babble(socket));
            }
        }

        private void babble(Socket socket) throws IOException {
            byte[] buffer = new byte[4096];
            OutputStream out = socket.getOutputStream();
            for (int n = socket.getInputStream().read(buffer);
                    n > 0;
                    n = socket.getInputStream().read(buffer)) {
                String asked = new String(buffer, 0, n, StandardCharsets.US_ASCII);
                boolean informs = asked.contains("INFO") && !info.equals(answer);
                String hello = asked.contains("HELLO") ? "-ERR unknown command `HELLO`" : answer;
                String line = informs ? "$" + info.length() + "\r\n" + info : info.equals(answer) ? answer : hello;
                for (int i = 0; i < asked.split("\\*", -1).length - 1; i++) {
                    out.write((line + "\r\n").getBytes(StandardCharsets.US_ASCII));
                }
            }
        }

        private interface Talk {

            void run() throws IOException;
        }

        private static void daemon(Talk talk) {
            Thread thread = new Thread(() -> {
                try {
                    talk.run();
                } catch (IOException closed) {
                    // the other side, or the test, has ended it
                }
            });
            thread.setDaemon(true);
            thread.start();
        }

        @Override
        public void close() throws IOException {
            server.close();
        }
    }
}
