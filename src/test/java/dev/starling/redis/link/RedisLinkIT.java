package dev.starling.redis.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.starling.redis.RedisServer;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** One link against one real server that is killed, frozen and cut. */
final class RedisLinkIT {

    private RedisServer redis;

    @BeforeEach
    void startRedis() {
        redis = RedisServer.start();
    }

    @AfterEach
    void stopRedis() {
        redis.close();
    }

    @Test
    void whatIsPublishedArrives() {
        try (LinkNode node = LinkNode.start(redis.properties())) {
            hear(node, "ws:{a}");

            assertThat(node.publish("ws:{a}", "hello")).isEqualTo(1);
            LinkNode.await(() -> node.messages().equals(List.of("ws:{a} hello")));
        }
    }

    @Test
    void itStartsBeforeRedisAndConnectsWhenThatIsThere() {
        redis.kill();
        try (LinkNode node = LinkNode.begin(redis.properties())) {
            node.links().add("ws:{a}");
            LinkNode.await(() -> node.fault() == RedisFault.UNREACHABLE);
            assertThat(node.publish("ws:{a}", "lost")).isNull();

            redis.restart();

            node.awaitWell();
            LinkNode.await(() -> node.confirmations("ws:{a}") == 1);
        }
    }

    @Test
    void afterAKillItSubscribesAgain() {
        try (LinkNode node = LinkNode.start(redis.properties())) {
            hear(node, "ws:{a}");

            redis.kill();
            LinkNode.await(
                    () -> !node.links().isUp("ws:{a}") && !node.condition().isWell());
            redis.restart();

            node.awaitWell();
            LinkNode.await(() -> node.confirmations("ws:{a}") == 2);
            node.publish("ws:{a}", "again");
            LinkNode.await(() -> node.messages().equals(List.of("ws:{a} again")));
        }
    }

    @Test
    void aSilentServerIsFoundAndTakenBackWhenItAnswers() {
        try (LinkNode node = LinkNode.start(redis.properties())) {
            hear(node, "ws:{a}");

            redis.freeze();
            LinkNode.await(
                    () -> !node.links().isUp("ws:{a}") && !node.condition().isWell());
            assertThat(node.publish("ws:{a}", "lost")).isNull();
            redis.thaw();

            node.awaitWell();
            LinkNode.await(() -> node.confirmations("ws:{a}") == 2);
            LinkNode.await(() -> redis.info("connected_clients").equals("3")); // those that hung are gone
        }
    }

    @Test
    void twentyThousandChannelsComeBackAfterACutWithoutStoppingRedis() {
        try (LinkNode node = LinkNode.start(redis.properties())) {
            IntStream.range(0, 20_000).forEach(i -> node.links().add("ws:{" + i + "}"));
            LinkNode.await(() -> node.confirmed(1) == 20_000);
            redis.cli("CONFIG", "RESETSTAT");

            redis.cutClients();

            LinkNode.await(() -> node.confirmed(2) == 20_000);
            assertThat(subscribes(redis))
                    .isGreaterThan(20_000 / 512); // in batches, between which others have their turn
            LinkNode.await(
                    () -> node.meters().get("ws.broker.resubscription").timer().count() == 2);
            LinkNode.await(() -> node.links().heard() == 20_001);
        }
    }

    @Test
    void aChannelThatIsGivenUpIsHeardForAWhile() {
        try (LinkNode node = LinkNode.start(redis.properties(), "starling.broker.redis.linger=2s")) {
            hear(node, "ws:{a}");

            node.links().remove("ws:{a}");
            assertThat(redis.cli("PUBSUB", "NUMSUB", "ws:{a}")).endsWith("1");

            LinkNode.await(() -> redis.cli("PUBSUB", "NUMSUB", "ws:{a}").endsWith("0"));
            LinkNode.await(() -> node.links().heard() == 1); // the canary
        }
    }

    @Test
    void aHungServerKeepsNoThreadBusyWhileAChannelShouldLeave() {
        try (LinkNode node = LinkNode.start(
                redis.properties(), "starling.broker.redis.linger=100ms", "starling.broker.redis.probe-timeout=20s")) {
            hear(node, "ws:{a}");

            redis.freeze();
            node.links().add("ws:{b}");
            node.links().remove("ws:{a}");
            long before = linkThreadNanos();
            await().pollDelay(Duration.ofSeconds(2)).until(() -> true);
            long busy = linkThreadNanos() - before;
            redis.thaw();

            assertThat(Duration.ofNanos(busy)).isLessThan(Duration.ofMillis(500));
            LinkNode.await(() -> node.links().heard() == 2); // b and the canary
        }
    }

    private static long linkThreadNanos() {
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        return Arrays.stream(threads.getThreadInfo(threads.getAllThreadIds()))
                .filter(thread -> thread != null && thread.getThreadName().startsWith("redis-links"))
                .mapToLong(thread -> Math.max(0, threads.getThreadCpuTime(thread.getThreadId())))
                .sum();
    }

    @Test
    void aChannelThatIsWantedAgainInTimeIsConfirmedAndKept() {
        try (LinkNode node = LinkNode.start(redis.properties(), "starling.broker.redis.linger=2s")) {
            hear(node, "ws:{a}");
            hear(node, "ws:{b}");

            node.links().remove("ws:{b}");
            node.links().remove("ws:{a}");
            node.links().add("ws:{a}");

            LinkNode.await(() -> redis.cli("PUBSUB", "NUMSUB", "ws:{b}").endsWith("0"));
            assertThat(redis.cli("PUBSUB", "NUMSUB", "ws:{a}")).endsWith("1");
            LinkNode.await(() -> node.confirmations("ws:{a}") == 2);
        }
    }

    @Test
    void nothingIsLeftOpenAfterClosing() {
        Set<Thread> ofOthers = Set.copyOf(Thread.getAllStackTraces().keySet());
        LinkNode node = LinkNode.start(redis.properties());
        LinkNode.await(() -> redis.info("connected_clients").equals("3")); // a link, the commands, and who asks

        node.close();

        LinkNode.await(() -> redis.info("connected_clients").equals("1"));
        LinkNode.await(() -> Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> !ofOthers.contains(thread))
                .noneMatch(thread -> thread.getName().startsWith("lettuce")
                        || thread.getName().startsWith("redis-links")));
    }

    private static int subscribes(RedisServer redis) {
        Matcher calls = Pattern.compile("cmdstat_subscribe:calls=(\\d+)").matcher(redis.cli("INFO", "commandstats"));
        return calls.find() ? Integer.parseInt(calls.group(1)) : 0;
    }

    private static void hear(LinkNode node, String channel) {
        node.links().add(channel);
        LinkNode.await(() -> node.confirmations(channel) == 1);
    }
}
