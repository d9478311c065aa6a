package dev.starling.local;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collector;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/** What sessions cost in memory, and that each of them gets everything once, by {@link LocalSessions} in a process of its own. */
final class LocalSessionsIT {

    private static final Pattern FIGURE = Pattern.compile("(?m)^figure (\\S+) (\\S+)$");
    private static final String SERIAL = "-XX:+UseSerialGC";

    /** Else a full collection leaves a share of the dead where they are. */
    private static final String COMPACT = "-XX:MarkSweepDeadRatio=0";

    private static final long BOUND_MINUTES = 40;
    private static final long SESSION_BYTES = 4500;
    private static final long CHANNEL_BYTES = 1000;

    @Test
    void fiveThousandSessionsGetEachMessageOnceAndAreSmall() throws Exception {
        check(5_000, "-Xmx1g", "-XX:TieredStopAtLevel=1", SERIAL, COMPACT);
    }

    @Test
    @Tag("long")
    void hundredThousandSessionsGetEachMessageOnceAndAreSmall() throws Exception {
        check(100_000, "-Xmx3g", SERIAL, COMPACT);
    }

    /** By hand: {@code -Dlocal.sessions=1000000 -Dlocal.jvm="-Xmx12g -XX:+UseSerialGC"}. */
    @Test
    @EnabledIfSystemProperty(named = "local.sessions", matches = "\\d+")
    void asManyAsOneLikesGetEachMessageOnceAndAreSmall() throws Exception {
        String jvm = System.getProperty("local.jvm", "-Xmx12g " + SERIAL + " " + COMPACT);
        check(Integer.getInteger("local.sessions"), jvm.split(" "));
    }

    private static void check(int sessions, String... jvm) throws IOException, InterruptedException {
        Map<String, Double> figures = run(sessions, jvm);

        assertThat(figures)
                .containsEntry("connections", (double) sessions)
                .containsEntry("pinged", (double) sessions)
                .containsEntry("heartbeat.timeouts", 0.0)
                .containsEntry("miscounted", 0.0)
                .containsEntry("faults", 0.0)
                .containsEntry("left.sessions", 0.0);
        assertThat(figures.get("session.bytes")).as("heap of a session").isBetween(1000.0, (double) SESSION_BYTES);
        assertThat(figures.get("channel.bytes")).as("heap of a channel").isBetween(100.0, (double) CHANNEL_BYTES);
    }

    private static Map<String, Double> run(int sessions, String... jvm) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(Arrays.asList(jvm));
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), LocalSessions.class.getName()));
        command.add(Integer.toString(sessions));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        CompletableFuture.delayedExecutor(BOUND_MINUTES, TimeUnit.MINUTES).execute(process::destroyForcibly);
        try {
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            System.out.println(output);
            assertThat(process.waitFor()).as(output).isZero();
            return FIGURE.matcher(output).results().collect(figures());
        } finally {
            process.destroyForcibly();
        }
    }

    private static Collector<MatchResult, ?, Map<String, Double>> figures() {
        return Collectors.toMap(figure -> figure.group(1), figure -> Double.valueOf(figure.group(2)));
    }
}
