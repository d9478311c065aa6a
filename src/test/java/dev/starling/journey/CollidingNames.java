package dev.starling.journey;

import static dev.starling.journey.ApiClient.json;
import static org.assertj.core.api.Assertions.assertThat;

import dev.starling.protocol.EqualHashes;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Clients that choose names of equal hashes slow down nobody, themselves included. */
abstract class CollidingNames {

    private static final int NAMES = 24_000;
    private static final int WINDOW = 200;

    /** Beside those of {@link Nodes}. */
    static final String[] OPTIONS = {
        "starling.limits.max-subscriptions=100000",
        "starling.api.request-rate=0",
        "starling.channels[7].pattern=many:*",
        "starling.channels[7].subscribe=anyone",
        "starling.channels[7].publish=anyone",
        "starling.channels[7].history-size=1",
        "starling.channels[7].presence=true",
        "starling.channels[7].join-leave=true",
    };

    /** The node that is attacked. */
    abstract ServerProcess node();

    @Test
    void keysCostNoMoreThanOthers() {
        compare(
                i -> publish("open:k", "plain-key-of-thirty-two-char" + i),
                i -> publish("open:k", EqualHashes.letters("", i)));
    }

    @Test
    void keysThatMeetInATableCostNoMoreThanOthers() {
        compare(i -> publish("open:k", "plain-" + i), i -> publish("open:k", EqualHashes.spread("k" + i, i)));
    }

    @Test
    void pairsOfChannelAndKeyCostNoMoreThanOthers() {
        compare(i -> publish("open:" + i, "pair-" + i), i -> publish("open:" + i, EqualHashes.pairedWith("open:" + i)));
    }

    @Test
    void channelsCostNoMoreThanOthers() {
        compare(
                i -> subscribe("open:plain-channel-of-thirty-two-chars" + i),
                i -> subscribe(EqualHashes.letters("open:", i)));
    }

    @Test
    void channelsWithHistoryAndMembersCostNoMoreThanOthers() {
        compare(
                i -> subscribe("many:plain-channel-of-thirty-two-chars" + i),
                i -> subscribe(EqualHashes.letters("many:", i)));
        compare(
                i -> publish("many:plain-channel-of-thirty-two-chars" + i, "plain"),
                i -> publish(EqualHashes.letters("many:", i), "equal"));
    }

    @Test
    void usersWhoAreRefusedCostNoMoreThanOthers() {
        int count = 4000;
        long plain = refuse(node(), count, i -> "plain-user-of-thirty-two-chars" + i);
        long equal = refuse(node(), count, i -> EqualHashes.letters("", i));

        assertThat(Duration.ofNanos(equal)).isLessThan(bound(plain));
    }

    @Test
    void membersOfAnObjectCostNoMoreThanOthers() {
        ApiClient backend = ApiClient.of(node());
        long start = System.nanoTime();
        json(backend.post("/api/messages", batch(i -> "plain-member-of-thirty-two-chars" + i)));
        long plain = System.nanoTime() - start;
        json(backend.post("/api/messages", batch(i -> EqualHashes.letters("", i))));
        long equal = System.nanoTime() - start - plain;

        assertThat(Duration.ofNanos(equal)).isLessThan(bound(plain));
    }

    private static String batch(IntFunction<String> name) {
        return IntStream.range(0, 20_000)
                .mapToObj(i -> '"' + name.apply(i) + "\":0")
                .collect(Collectors.joining(",", "{\"messages\":[{\"channel\":\"open:o\",\"data\":0}],", "}"));
    }

    private static String publish(String channel, String key) {
        return "{\"type\":\"publish\",\"id\":\"p\",\"channel\":\"" + channel + "\",\"data\":0,\"key\":\"" + key + "\"}";
    }

    private static String subscribe(String channel) {
        return "{\"type\":\"subscribe\",\"id\":\"s\",\"channel\":\"" + channel + "\"}";
    }

    private void compare(IntFunction<String> plainFrame, IntFunction<String> equalFrame) {
        long plain = all(node(), plainFrame);
        long worst = 0;
        CompletableFuture<Long> attack = CompletableFuture.supplyAsync(() -> all(node(), equalFrame));
        try (RawClient other = RawClient.open(node().port(), Tokens.standard().sign())) {
            while (!attack.isDone()) {
                long start = System.nanoTime();
                other.send(publish("open:other", "other-" + start)).awaitText("\"published\"");
                worst = Math.max(worst, System.nanoTime() - start);
            }
        }

        assertThat(Duration.ofNanos(attack.join())).isLessThan(bound(plain));
        assertThat(Duration.ofNanos(worst)).as("a publish of somebody else").isLessThan(Duration.ofSeconds(2));
    }

    /** Far below the square of so many names, and above what a busy machine makes of the same work. */
    private static Duration bound(long plainNanos) {
        return Duration.ofNanos(3 * plainNanos).plusSeconds(2);
    }

    /** Sends all frames on one connection, and waits for as many answers; how many nanoseconds that took. */
    private static long all(ServerProcess node, IntFunction<String> frame) {
        try (RawClient client = RawClient.open(node.port(), Tokens.standard().sign())) {
            long start = System.nanoTime();
            for (int sent = 0; sent < NAMES; sent++) {
                client.send(frame.apply(sent));
                if (sent >= WINDOW) {
                    awaitAnswer(client);
                }
            }
            for (int left = 0; left < WINDOW; left++) {
                awaitAnswer(client);
            }
            return System.nanoTime() - start;
        }
    }

    private static void awaitAnswer(RawClient client) {
        String answer =
                client.await(frame -> frame.text().contains("\"id\":\"")).text();
        assertThat(answer).doesNotContain("\"error\"");
    }

    private static long refuse(ServerProcess node, int count, IntFunction<String> user) {
        String token = Tokens.standard().scope("ops").sign();
        long until = System.currentTimeMillis() + 60_000;
        long start = System.nanoTime();
        try (RawClient operator = RawClient.connect(node.port())) {
            for (int i = 0; i < count; i++) {
                HttpAnswer answer = operator.request(
                        "PUT",
                        "/api/refusals/user/" + user.apply(i) + "?until=" + until,
                        "Authorization: Bearer " + token,
                        "Content-Length: 0");
                assertThat(answer.status()).isEqualTo(200);
            }
        }
        return System.nanoTime() - start;
    }
}
