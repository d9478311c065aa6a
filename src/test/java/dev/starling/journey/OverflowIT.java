package dev.starling.journey;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Real sockets that nobody reads for a while, in channels that drop messages instead, on a node with little memory. */
class OverflowIT {

    private static final int MESSAGES = 600;
    private static final String PAD = "x".repeat(40_000);
    private static final Pattern OFFSET = Pattern.compile("\"offset\":(\\d+)}$");
    private static final Pattern GAP = Pattern.compile("\"from\":(\\d+),\"to\":(\\d+)}$");

    private static ServerProcess server;

    @BeforeAll
    static void start() {
        server = ServerLaunch.with(
                        "starling.channels[4].pattern=lossy:*",
                        "starling.channels[4].subscribe=anyone",
                        "starling.channels[4].publish=anyone",
                        "starling.channels[4].history-size=10",
                        "starling.channels[4].overflow=drop-oldest",
                        "starling.channels[4].overflow-size=5",
                        "starling.channels[5].pattern=price:*",
                        "starling.channels[5].subscribe=anyone",
                        "starling.channels[5].publish=anyone",
                        "starling.channels[5].overflow=latest-only",
                        "starling.limits.max-backlog=256KB",
                        "starling.limits.send-buffer=16KB",
                        "starling.limits.message-rate=0",
                        "starling.heartbeat.interval=60s")
                .jvm("-Xmx96m", "-XX:MaxDirectMemorySize=64m")
                .start();
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @Test
    void whoDidNotReadIsToldWhatIsLostAndGetsTheNewest() {
        try (RawClient slow = stalled("lossy:a");
                ClientSession writer = ClientSession.subscribed(server, "lossy:a")) {
            flood(writer, "lossy:a");

            long at = 0;
            boolean hasGap = false;
            while (at < MESSAGES) {
                String text = slow.awaitText("lossy:a");
                Matcher gap = GAP.matcher(text);
                Matcher message = OFFSET.matcher(text);
                boolean isGap = gap.find();
                hasGap |= isGap;
                assertThat(isGap || message.find()).isTrue();
                assertThat(Long.parseLong(isGap ? gap.group(1) : message.group(1)))
                        .isEqualTo(at + 1);
                at = Long.parseLong(isGap ? gap.group(2) : message.group(1));
            }
            assertThat(hasGap).isTrue();
            assertThat(server.metrics().value("ws_overflow_dropped_total", "policy=\"drop_oldest\""))
                    .isGreaterThan(400);
            assertNobodyWasCut();
        }
    }

    @Test
    void ofPricesTheLatestComesLast() {
        try (RawClient slow = stalled("price:a");
                ClientSession writer = ClientSession.subscribed(server, "price:a")) {
            flood(writer, "price:a");

            slow.awaitText("\"data\":\"" + MESSAGES + "-");
            assertThat(server.metrics().value("ws_overflow_dropped_total", "policy=\"latest_only\""))
                    .isGreaterThan(400);
            assertNobodyWasCut();
        }
    }

    private static void flood(ClientSession writer, String channel) {
        for (int i = 1; i <= MESSAGES; i++) {
            writer.publish(channel, '"' + (i + "-" + PAD) + '"');
            assertThat(writer.awaitData().asString()).startsWith(i + "-");
        }
    }

    private static void assertNobodyWasCut() {
        assertThat(server.metrics().value("ws_slow_consumers_total")).isZero();
        BadInputIT.assertHealthy(server);
    }

    private static RawClient stalled(String channel) {
        RawClient client = RawClient.connectNarrow(server.port(), 4096)
                .opened(Tokens.standard().subject("stalled").sign());
        client.send("{\"type\":\"subscribe\",\"channel\":\"" + channel + "\"}").awaitText("\"subscribed\"");
        return client;
    }
}
