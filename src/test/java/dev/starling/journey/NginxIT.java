package dev.starling.journey;

import static org.assertj.core.api.Assertions.assertThat;

import dev.starling.redis.RedisServer;
import dev.starling.websocket.WebSocketProperties;
import java.net.http.HttpClient;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.mock.env.MockEnvironment;

/** Nodes behind a real nginx with the configuration that is shipped. */
@Tag("long")
class NginxIT {

    private static final int PER_ADDRESS = 30;
    private static final int PER_NODE = 50;
    private static final int SESSIONS = 400;
    private static final Duration BOUND = Duration.ofSeconds(15);
    private static final String TOKEN = Tokens.standard().sign();
    private static final Pattern NODE = Pattern.compile("\"node\":\"([^\"]+)\"");

    private static RedisServer redis;
    private static List<ServerProcess> nodes = List.of();
    private static List<Integer> three = List.of();
    private static List<Integer> four = List.of();

    private final List<AutoCloseable> open = new ArrayList<>();

    @BeforeAll
    static void start() {
        RealParts.program("nginx");
        redis = RedisServer.start();
        nodes = Stream.generate(() -> CompletableFuture.supplyAsync(() -> launch().start())).limit(4).toList().stream()
                .map(CompletableFuture::join)
                .toList();
        four = nodes.stream().map(ServerProcess::port).toList();
        three = four.subList(0, 3);
    }

    private static ServerLaunch launch() {
        return ServerLaunch.with(Stream.concat(
                        redis.properties().stream(),
                        Stream.of(
                                "starling.broker.type=redis",
                                "starling.security.trusted-proxies=127.0.0.1",
                                "starling.limits.max-connections-per-ip=" + PER_ADDRESS,
                                "starling.limits.max-connections-per-user=0",
                                "starling.limits.max-connections=" + PER_NODE,
                                "starling.limits.connect-rate=0",
                                "starling.heartbeat.interval=500ms",
                                "starling.heartbeat.timeout=10s",
                                "starling.channels[4].pattern=kept:*",
                                "starling.channels[4].subscribe=anyone",
                                "starling.channels[4].publish=anyone",
                                "starling.channels[4].history-size=1000"))
                .toArray(String[]::new));
    }

    @AfterAll
    static void stop() {
        nodes.forEach(ServerProcess::close);
        if (redis != null) {
            redis.close();
        }
    }

    @AfterEach
    void leave() throws Exception {
        for (AutoCloseable each : open) {
            each.close();
        }
        Awaitility.await("all connections are gone")
                .atMost(BOUND)
                .until(() -> nodes.stream().allMatch(node -> node.metrics().value("ws_connections_active") == 0));
    }

    @Test
    void sessionComesBackToItsNodeAndOnlyItsShareMovesWhenNodesJoinOrLeave() {
        NginxProcess nginx = opened(NginxProcess.before(three));
        Map<String, String> before = nodesOfSessions(nginx);
        assertThat(nodesOfSessions(nginx)).as("the same again").isEqualTo(before);
        assertThat(new HashSet<>(before.values())).hasSize(3);

        nginx.reload(four);
        Map<String, String> joined = nodesOfSessions(nginx);
        List<String> moved = moved(before, joined);
        assertThat(moved.size() / (double) SESSIONS).as("a fourth joined").isBetween(0.12, 0.38);
        assertThat(nodesOf(moved, joined)).as("all to the fourth").hasSize(1);

        nginx.reload(four.subList(1, 4));
        Map<String, String> left = nodesOfSessions(nginx);
        List<String> homeless = moved(joined, left);
        assertThat(homeless.size() / (double) SESSIONS).as("one of four left").isBetween(0.12, 0.38);
        assertThat(nodesOf(homeless, joined)).as("only its own sessions moved").hasSize(1);
        assertThat(nodesOf(homeless, left)).as("to all of the others").hasSize(3);
    }

    private static List<String> moved(Map<String, String> from, Map<String, String> to) {
        return from.entrySet().stream()
                .filter(session -> !session.getValue().equals(to.get(session.getKey())))
                .map(Map.Entry::getKey)
                .toList();
    }

    private static Set<String> nodesOf(List<String> sessions, Map<String, String> nodes) {
        return sessions.stream().map(session -> nodes.getOrDefault(session, "")).collect(Collectors.toSet());
    }

    private static Map<String, String> nodesOfSessions(NginxProcess nginx) {
        Map<String, String> found = new TreeMap<>();
        for (int i = 0; i < SESSIONS; i++) {
            try (RawClient client = RawClient.connect(nginx.port())) {
                found.put("s" + i, node(client, "/ws?session_id=s" + i));
            }
        }
        return found;
    }

    @Test
    void clientsOfOneAddressAreSpreadOverTheNodes() {
        NginxProcess nginx = opened(NginxProcess.before(three));
        Map<String, Integer> clients = new TreeMap<>();
        for (int i = 0; i < 150; i++) {
            try (RawClient client = RawClient.connect(nginx.port())) {
                clients.merge(node(client, "/ws"), 1, Integer::sum);
            }
        }

        assertThat(clients).hasSize(3);
        assertThat(clients.values()).allMatch(count -> count > 25);
    }

    @Test
    void eventStreamsOfOneAddressAreSpreadOverTheNodes() {
        NginxProcess nginx = opened(NginxProcess.before(three));
        for (int i = 0; i < 20; i++) {
            opened(EventStream.open(nginx.port(), EventStream.path("open:a"), Tokens.standard()))
                    .await("subscribed");
        }

        assertThat(nodes.subList(0, 3))
                .allSatisfy(node -> assertThat(node.metrics().value("ws_connections_active"))
                        .isPositive());
    }

    @Test
    void idleConnectionOutlivesTheReadTimeoutByItsHeartbeats() {
        String shipped = NginxProcess.source("nginx.conf");
        NginxProcess nginx = opened(
                NginxProcess.before(three, shipped.replace("proxy_read_timeout 45s;", "proxy_read_timeout 2s;")));
        ClientSession idle = opened(ClientSession.open(HttpClient.newHttpClient(), nginx.socket(false), TOKEN));

        Awaitility.await().atMost(BOUND).until(() -> idle.pings() >= 8);

        assertThat(idle.closed()).isFalse();
        idle.subscribe("open:idle");
    }

    @Test
    void eventsComeThroughAtOnceAndTheirStreamOutlivesTheReadTimeout() {
        String shipped = NginxProcess.source("nginx.conf");
        NginxProcess nginx = opened(
                NginxProcess.before(three, shipped.replace("proxy_read_timeout 45s;", "proxy_read_timeout 2s;")));
        EventStream stream = opened(EventStream.open(nginx.port(), EventStream.path("open:a%2Fb"), Tokens.standard()));
        stream.await("subscribed");

        Awaitility.await().atMost(BOUND).until(() -> stream.comments() >= 8);

        ClientSession writer = opened(ClientSession.open(HttpClient.newHttpClient(), nginx.socket(false), TOKEN));
        writer.publish("open:a/b", "1");
        assertThat(stream.await("message").json().get("data").asInt()).isEqualTo(1);
    }

    @Test
    void readTimeoutIsAboveTheHeartbeat() {
        String streams = NginxProcess.source("nginx.conf").split("auth_request /answering;", 2)[1];
        Matcher timeout = Pattern.compile("proxy_read_timeout (\\d+)s;").matcher(streams);
        assertThat(timeout.find()).isTrue();
        WebSocketProperties.Heartbeat heartbeat = Binder.get(new MockEnvironment())
                .bindOrCreate("starling", WebSocketProperties.class)
                .heartbeat();

        assertThat(Duration.ofSeconds(Long.parseLong(timeout.group(1))))
                .isGreaterThan(heartbeat.interval().plus(heartbeat.timeout()))
                .as("clients of a node that hangs are held for one heartbeat more")
                .isLessThan(heartbeat.interval().plus(heartbeat.timeout()).multipliedBy(2));
    }

    @Test
    void limitPerAddressSeesTheClientsAddressAndNobodyCanForgeIt() {
        NginxProcess nginx = opened(NginxProcess.before(three));
        for (int i = 0; i < PER_ADDRESS; i++) {
            assertThat(enter(nginx, 50, "/ws?session_id=one").status()).isEqualTo(101);
        }

        HttpAnswer refusal = enter(nginx, 50, "/ws?session_id=one");
        AdmissionIT.assertRefused(refusal, 429);
        for (String forged :
                List.of("X-Forwarded-For: 192.0.2.1", "Forwarded: for=192.0.2.1", "X-Real-IP: 192.0.2.1")) {
            assertThat(enter(nginx, 50, "/ws?session_id=one", forged).status())
                    .as(forged)
                    .isEqualTo(429);
        }
        assertThat(enter(nginx, 51, "/ws?session_id=one").status()).isEqualTo(101);
    }

    @Test
    void fullNodeLeavesItsClientsToTheOthersAndTheLastRefusalIsPassedOn() {
        NginxProcess nginx = opened(NginxProcess.before(three));
        for (int i = 0; i < 3 * PER_NODE; i++) {
            assertThat(enter(nginx, 60 + i / 10, "/ws?session_id=full").status())
                    .isEqualTo(101);
        }

        HttpAnswer refusal = enter(nginx, 59, "/ws?session_id=full");

        AdmissionIT.assertRefused(refusal, 503);
        nginx.awaitAccess(
                "all were asked",
                line -> line.path("upstream_status").asString().equals("503 : 503, 503, 503"));
    }

    @Test
    void noTokenGetsIntoTheLogsEvenWhenANodeIsDown() {
        int down = ServerLaunch.freePort();
        NginxProcess nginx = opened(NginxProcess.before(List.of(down, three.get(0))));
        for (int i = 0; i < 10; i++) {
            RawClient byQuery = opened(RawClient.connect(nginx.port()));
            assertThat(byQuery.upgrade("/ws?access_token=" + TOKEN + "&session_id=" + i)
                            .status())
                    .isEqualTo(101);
            RawClient byProtocol = opened(RawClient.connect(nginx.port()));
            assertThat(byProtocol
                            .upgrade("/ws?session_id=" + i, "Sec-WebSocket-Protocol: starling.v1, bearer." + TOKEN)
                            .status())
                    .isEqualTo(101);
        }
        NginxProcess without = opened(NginxProcess.before(List.of(down)));
        assertThat(RawClient.connect(without.port())
                        .upgrade("/ws?access_token=" + TOKEN)
                        .status())
                .isEqualTo(502);
        leaveOpen();

        Awaitility.await("a line per connection").atMost(BOUND).until(() -> upgrades(nginx) == 20);
        assertThat(nginx.output() + without.output())
                .as("the node that is down")
                .contains("\"upstream_addr\":\"127.0.0.1:" + down + ", 127.0.0.1:" + three.get(0))
                .doesNotContain(TOKEN.substring(0, 30), TOKEN.substring(TOKEN.length() - 30));
    }

    private static long upgrades(NginxProcess nginx) {
        return nginx.accesses().stream()
                .filter(line -> line.get("path").asString().equals("/ws"))
                .count();
    }

    @Test
    void clientsConnectByTls(@TempDir Path directory) throws Exception {
        SelfSigned certificate = SelfSigned.make(directory, "nginx");
        Path file = directory.resolve("tls.crt");
        Path key = directory.resolve("tls.key");
        certificate.write(file, key);
        NginxProcess nginx = opened(NginxProcess.encrypted(three, file, key));
        HttpClient http = HttpClient.newBuilder()
                .sslContext(SelfSigned.trusting(certificate))
                .build();

        ClientSession session = opened(ClientSession.open(http, nginx.socket(true), TOKEN));

        session.await("welcome");
        session.subscribe("open:tls").publish("open:tls", "1");
        assertThat(session.awaitData().asInt()).isEqualTo(1);
    }

    @Test
    void nodeLeavesAndNoneOfItsClientsFailsToComeBack() {
        try (ServerProcess leaving = launch().start()) {
            NginxProcess nginx = opened(NginxProcess.before(List.of(three.get(0), three.get(1), leaving.port())));
            List<String> words = new ArrayList<>(List.of("drain --json --secret", ServerLaunch.SECRET));
            IntStream.range(0, 30).forEach(i -> words.add("--url " + nginx.socket(false) + "?session_id=user-" + i));
            words.add("--source 127.0.0.10-127.0.0.29 --prefix kept:nginx: --pid " + leaving.pid());
            words.add("--connections 60 --publishers 3 --publish-rate 50 --duration 2s");

            LoadTool run = LoadTool.run(words.toArray(String[]::new));

            assertThat(run.status())
                    .as(run.output() + run.errors() + nginx.output())
                    .isZero();
            assertThat(run.json().at("/goaways").asInt()).isPositive();
            assertThat(run.json().at("/untold").asInt(-1)).isZero();
            assertThat(run.json().at("/delivery/lostWithoutHistory").asInt(-1)).isZero();
            assertThat(run.json().at("/endings").propertyNames()).allMatch(ending -> !ending.startsWith("HTTP"));
            assertThat(nginx.accesses())
                    .filteredOn(line -> line.get("path").asString().equals("/ws"))
                    .allMatch(line -> line.get("status").asString().equals("101"));
        }
    }

    private HttpAnswer enter(NginxProcess nginx, int fromHost, String path, String... headers) {
        return opened(RawClient.connectFrom(fromHost, nginx.port()))
                .upgrade(
                        path,
                        Stream.concat(Stream.of("Authorization: Bearer " + TOKEN), Stream.of(headers))
                                .toArray(String[]::new));
    }

    /** The node that a client has come to. */
    private static String node(RawClient client, String path) {
        HttpAnswer answer = client.upgrade(path, "Authorization: Bearer " + TOKEN);
        assertThat(answer.status()).isEqualTo(101);
        Matcher node = NODE.matcher(client.awaitText("\"welcome\""));
        assertThat(node.find()).isTrue();
        return node.group(1);
    }

    private <T extends AutoCloseable> T opened(T resource) {
        open.add(0, resource);
        return resource;
    }

    /** Ends all but the proxies, which have yet to log it. */
    private void leaveOpen() {
        open.stream().filter(RawClient.class::isInstance).forEach(each -> ((RawClient) each).close());
    }
}
