package dev.starling.journey;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URI;
import java.net.http.HttpClient;
import java.util.Arrays;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.http.client.ReactorResourceFactory;
import reactor.blockhound.BlockHound;
import tools.jackson.databind.JsonNode;

/** No event loop waits for anything: the node runs in this JVM, under a watch that sees each blocking call on its loops. */
@SpringBootTest(
        webEnvironment = WebEnvironment.RANDOM_PORT,
        properties = {
            "starling.security.jwt.secret=" + ServerLaunch.SECRET,
            "starling.channels[0].pattern=open:*",
            "starling.channels[0].subscribe=anyone",
            "starling.channels[0].publish=anyone",
            "starling.channels[0].history-size=10",
            "starling.channels[0].presence=true",
            "starling.channels[0].join-leave=true",
            "starling.channels[0].overflow=drop-oldest",
        })
abstract class NonBlockingJourney {

    private static final Queue<Throwable> BLOCKED = new ConcurrentLinkedQueue<>();

    @LocalServerPort
    private int port;

    @Autowired
    private ReactorResourceFactory resources;

    @BeforeAll
    static void watch() {
        BlockHound.builder()
                .loadIntegrations()
                .blockingMethodCallback(method -> {
                    if (!hasNothingToDo()) {
                        BLOCKED.add(new AssertionError(
                                method + " on " + Thread.currentThread().getName()));
                    }
                })
                .install();
    }

    /** A thread that slept before the watch began is allowed nothing by it, not even to go on sleeping. */
    private static boolean hasNothingToDo() {
        return Arrays.stream(Thread.currentThread().getStackTrace())
                .anyMatch(frame -> frame.getMethodName().equals("getTask")
                        && frame.getClassName().equals("java.util.concurrent.ThreadPoolExecutor"));
    }

    @BeforeEach
    void forget() {
        BLOCKED.clear();
    }

    @Test
    void watchSeesALoopThatBlocks() throws Exception {
        resources
                .getLoopResources()
                .onServer(true)
                .next()
                .submit(NonBlockingJourney::block)
                .get(10, TimeUnit.SECONDS);

        assertThat(BLOCKED).isNotEmpty();
    }

    @Test
    void noLoopBlocksFromTheUpgradeToTheEnd() {
        URI address = URI.create("ws://localhost:" + port + "/ws");
        String token = Tokens.standard().sign();
        HttpClient http = HttpClient.newHttpClient();
        try (ClientSession session = ClientSession.open(http, address, token);
                ClientSession other = ClientSession.open(http, address, token)) {
            for (ClientSession each : List.of(session, other)) {
                each.await("welcome");
                each.subscribe("open:loop");
            }
            session.publish("open:loop", "1").awaitData();
            session.send("{\"type\":\"history\",\"channel\":\"open:loop\"}").await("history");
            session.send("{\"type\":\"presence\",\"channel\":\"open:loop\"}").await("presence");
            session.send("{\"type\":\"refresh\",\"token\":\"" + token + "\"}").await("refreshed");
            session.send("nonsense").await("error");
            session.send("{\"type\":\"unsubscribe\",\"channel\":\"open:loop\"}").await("unsubscribed");
            assertThat(other.awaitData().asInt()).isEqualTo(1);
            recover(session);
            session.leave();
        }
        assertRefused("nonsense");

        assertThat(BLOCKED).as(NonBlockingJourney::whoBlocked).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/ws",
                "/client/index.js",
                "/console/",
                "/api/node",
                "/api/node/figures",
                "/api/connections",
                "/api/closes",
                "/api/nothing"
            })
    void noLoopBlocksForARequest(String path) {
        String token = Tokens.standard().scope("ops").sign();
        try (RawClient client = RawClient.connect(port)) {
            assertThat(client.request("GET", path, "Authorization: Bearer " + token)
                            .status())
                    .isIn(200, 404, 426);
        }

        assertThat(BLOCKED).as(NonBlockingJourney::whoBlocked).isEmpty();
    }

    private static void recover(ClientSession session) {
        JsonNode anew = session.send("{\"type\":\"subscribe\",\"channel\":\"open:loop\"}")
                .await("subscribed");
        session.send("{\"type\":\"unsubscribe\",\"channel\":\"open:loop\"}").await("unsubscribed");
        session.send("{\"type\":\"subscribe\",\"channel\":\"open:loop\",\"recover\":{\"epoch\":" + anew.get("epoch")
                + ",\"offset\":0}}");
        assertThat(session.await("subscribed").get("recovered").asBoolean()).isTrue();
        assertThat(session.awaitData().asInt()).isEqualTo(1);
    }

    private static String whoBlocked() {
        StringWriter text = new StringWriter();
        BLOCKED.forEach(call -> call.printStackTrace(new PrintWriter(text, true)));
        return text.toString();
    }

    private static boolean block() throws InterruptedException {
        return new CountDownLatch(1).await(1, TimeUnit.MILLISECONDS);
    }

    private void assertRefused(String token) {
        try (RawClient client = RawClient.connect(port)) {
            assertThat(client.upgrade("/ws", "Authorization: Bearer " + token).status())
                    .isEqualTo(401);
        }
    }
}
