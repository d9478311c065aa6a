package dev.starling.journey;

import static org.assertj.core.api.Assertions.assertThat;

import dev.starling.redis.RedisServer;
import java.net.http.HttpClient;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Nodes behind nginx of which one fails without ending: its process hangs, or its Redis is gone. */
@Tag("long")
class NginxFaultIT {

    private static final Duration HELD = Duration.ofSeconds(4);
    /** From when a client is let go until it is on another node: one time-out for the node that hangs, and what a slow machine takes. */
    private static final Duration BACK = Duration.ofSeconds(5);

    private static final Duration BOUND = Duration.ofSeconds(20);
    private static final int CLIENTS = 30;
    private static final String TOKEN = Tokens.standard().sign();

    private static RedisServer redis;
    private static RedisServer other;
    /** Two that are well, one to freeze, and one with a Redis of its own to lose. */
    private static List<ServerProcess> nodes = List.of();

    private final List<AutoCloseable> open = new ArrayList<>();
    private final ExecutorService threads = Executors.newCachedThreadPool();

    @BeforeAll
    static void start() {
        RealParts.program("nginx");
        redis = RedisServer.start();
        other = RedisServer.start();
        nodes = Stream.of(redis, redis, redis, other)
                .map(server -> CompletableFuture.supplyAsync(() -> Nodes.launch(
                                server.properties(), "starling.heartbeat.interval=1s", "starling.heartbeat.timeout=1s")
                        .start()))
                .toList()
                .stream()
                .map(CompletableFuture::join)
                .toList();
    }

    @AfterAll
    static void stop() {
        nodes.forEach(ServerProcess::close);
        Stream.of(redis, other).filter(server -> server != null).forEach(RedisServer::close);
    }

    @BeforeEach
    void areWell() {
        Awaitility.await("ready").atMost(BOUND).until(() -> nodes.stream().allMatch(node -> node.answers("/readyz")));
    }

    @AfterEach
    void leave() throws Exception {
        nodes.get(2).signal("CONT");
        for (AutoCloseable each : open) {
            each.close();
        }
        threads.shutdownNow();
    }

    @Test
    void clientsOfANodeThatHangsComeToTheOthers() {
        NginxProcess nginx = nginx();
        Map<ClientSession, String> clients = new HashMap<>();
        IntStream.range(0, CLIENTS).forEach(i -> enter(nginx, clients));
        String hanging = nameOf(nodes.get(2));
        List<ClientSession> victims = clients.keySet().stream()
                .filter(client -> hanging.equals(clients.get(client)))
                .toList();
        assertThat(victims).isNotEmpty().hasSizeLessThan(CLIENTS);

        nodes.get(2).signal("STOP");
        long frozen = System.nanoTime();
        victims.forEach(client -> client.awaitClosed(BOUND));
        assertThat(since(frozen)).as("let go").isLessThan(HELD.plusSeconds(3));

        long let = System.nanoTime();
        Map<ClientSession, String> again = new HashMap<>();
        join(IntStream.range(0, CLIENTS).mapToObj(i -> threads.submit(() -> enter(nginx, again))));
        assertThat(since(let)).as("back").isLessThan(BACK);
        assertThat(Set.copyOf(again.values())).hasSize(2).doesNotContain(hanging);
        clients.keySet().removeAll(victims);
        assertThat(clients.keySet()).as("of the others").noneMatch(ClientSession::closed);
    }

    @Test
    void eventStreamsComeToNodesThatAnswer() {
        NginxProcess nginx = nginx();
        nodes.get(2).signal("STOP");

        long frozen = System.nanoTime();
        join(IntStream.range(0, CLIENTS)
                .mapToObj(i -> threads.submit(
                        () -> opened(EventStream.open(nginx.port(), EventStream.path("open:a"), Tokens.standard()))
                                .await("subscribed"))));

        assertThat(since(frozen)).isLessThan(BACK);
    }

    @Test
    void messagesThatANodeHangsOnArePublishedByAnotherAndOnlyOnce() {
        NginxProcess nginx = nginx();
        ClientSession reader = reader("open:frozen", "kept:frozen");
        nodes.get(2).signal("STOP");

        List<Integer> statuses = all(i -> publish(
                nginx, (i % 2 == 0 ? "/api/channels/open:frozen" : "/api/channels/kept:frozen") + "/messages", "" + i));
        List<Integer> keyed = all(i ->
                publish(nginx, "/api/channels/open:frozen/messages", "" + (1000 + i), "Idempotency-Key", "order-" + i));
        Map<Integer, Long> times = thawAndCount(reader, "open:frozen");

        assertThat(statuses).containsOnly(200);
        assertThat(keyed).containsOnly(200);
        assertThat(times)
                .as("each message, how often it came")
                .hasSize(2 * CLIENTS)
                .allSatisfy((message, count) ->
                        assertThat(count).as("message " + message).isEqualTo(1));
        nginx.awaitAccess(
                "some were asked of two nodes",
                line -> line.path("upstream_status").asString().equals("504, 200"));
    }

    @Test
    void batchThatANodeHangsOnIsNotPublishedTwice() {
        NginxProcess nginx = nginx();
        ClientSession reader = reader("open:batch");
        nodes.get(2).signal("STOP");

        List<Integer> statuses = all(i ->
                publish(nginx, "/api/messages", "{\"messages\":[{\"channel\":\"open:batch\",\"data\":" + i + "}]}"));
        Map<Integer, Long> times = thawAndCount(reader, "open:batch");

        assertThat(statuses).contains(200, 504).containsOnly(200, 504);
        assertThat(times.values()).containsOnly(1L);
        assertThat(times.keySet())
                .containsAll(IntStream.range(0, CLIENTS)
                        .filter(i -> statuses.get(i) == 200)
                        .boxed()
                        .toList());
    }

    @Test
    void publisherOfANodeWithoutRedisIsServedByTheOthers() {
        NginxProcess nginx = opened(NginxProcess.before(
                List.of(nodes.get(0).port(), nodes.get(3).port(), nodes.get(1).port())));
        other.freeze();
        try {
            Awaitility.await("cut off").atMost(BOUND).until(() -> !nodes.get(3).answers("/readyz"));

            List<Integer> statuses = all(i -> publish(nginx, "/api/channels/kept:cut/messages", "" + i));

            assertThat(statuses).containsOnly(200);
            nginx.awaitAccess(
                    "another one was asked",
                    line -> line.path("upstream_status").asString().matches("503 : (503, )*200"));
        } finally {
            other.thaw();
        }
    }

    /** One that holds clients of a node that hangs for a shorter time than the one that is shipped. */
    private NginxProcess nginx() {
        String shipped = NginxProcess.source("nginx.conf");
        String shorter = shipped.replace("proxy_read_timeout 45s;", "proxy_read_timeout " + HELD.toSeconds() + "s;");
        assertThat(shorter).isNotEqualTo(shipped);
        return opened(NginxProcess.before(
                nodes.subList(0, 3).stream().map(ServerProcess::port).toList(), shorter));
    }

    private void enter(NginxProcess nginx, Map<ClientSession, String> clients) {
        ClientSession client = opened(ClientSession.open(HttpClient.newHttpClient(), nginx.socket(false), TOKEN));
        String node = client.await("welcome").path("node").asString();
        synchronized (clients) {
            clients.put(client, node);
        }
    }

    /** One on a node that is well. */
    private ClientSession reader(String... channels) {
        ClientSession reader = opened(ClientSession.open(nodes.get(0)));
        for (String channel : channels) {
            reader.subscribe(channel);
        }
        return reader;
    }

    private static int publish(NginxProcess nginx, String path, String body, String... headers) {
        String token = Tokens.standard().scope("publish").publish("*").sign();
        HttpResponse<String> answer = nodes.get(0)
                .send(
                        nginx.port(),
                        "POST",
                        path,
                        body,
                        Stream.concat(
                                        Stream.of(
                                                "Authorization", "Bearer " + token, "Content-Type", "application/json"),
                                        Stream.of(headers))
                                .toArray(String[]::new));
        return answer.statusCode();
    }

    /** Does it so many times at once. */
    private List<Integer> all(IntFunction<Integer> request) {
        return IntStream.range(0, CLIENTS)
                .mapToObj(i -> CompletableFuture.supplyAsync(() -> request.apply(i), threads))
                .toList()
                .stream()
                .map(CompletableFuture::join)
                .toList();
    }

    /** How often each message came, after the node has gone on and done what it had been asked to. */
    private Map<Integer, Long> thawAndCount(ClientSession reader, String channel) {
        nodes.get(2).signal("CONT");
        Awaitility.await("goes on").atMost(BOUND).until(() -> nodes.get(2).answers("/readyz"));
        ClientSession last = opened(ClientSession.open(nodes.get(2)));
        last.publish(channel, "-1");
        reader.await(frame -> frame.path("data").asInt(0) == -1);
        return reader.drain().stream()
                .filter(frame -> frame.path("type").asString().equals("message"))
                .collect(Collectors.groupingBy(frame -> frame.path("data").asInt(), Collectors.counting()));
    }

    private static String nameOf(ServerProcess node) {
        JsonNode description = ApiClient.of(node).ask("/api/node");
        return description.path("node").asString();
    }

    private static Duration since(long nanos) {
        return Duration.ofNanos(System.nanoTime() - nanos);
    }

    private static void join(Stream<? extends java.util.concurrent.Future<?>> tasks) {
        tasks.toList().forEach(task -> {
            try {
                task.get();
            } catch (Exception e) {
                throw new AssertionError(e);
            }
        });
    }

    private synchronized <T extends AutoCloseable> T opened(T resource) {
        open.add(0, resource);
        return resource;
    }
}
