package dev.starling.journey;

import static org.assertj.core.api.Assertions.assertThat;

import dev.starling.redis.RedisServer;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The process is gone at {@code starling.drain.deadline}, whatever hangs, and its log says what did. */
class ExitDeadlineIT {

    private static final Duration DEADLINE = Duration.ofSeconds(2);
    private static final String PROPERTY = "starling.drain.deadline=" + DEADLINE.toSeconds() + "s";

    /** For a machine that is busy: the JVM's own end, and until this process sees it. */
    private static final Duration GRACE = Duration.ofMillis(1500);

    private static final Duration START = Duration.ofSeconds(60);
    private static final int FORCED = 124;
    private static final int TERMINATED = 143;

    @ParameterizedTest
    @EnumSource(names = {"BEAN", "LIFECYCLE", "HOOK"})
    void whatHangsIsNamedAndTheProcessEndedByForce(HangingPart part) {
        try (ServerProcess server =
                ServerLaunch.with(PROPERTY).jvm(part.flags()).start()) {
            assertThat(statusInTime(server)).isEqualTo(FORCED);

            assertThat(report(server))
                    .contains("deadline=\"2000ms\"")
                    .containsPattern(
                            switch (part) {
                                case BEAN -> "bean=\"hanging-bean\"";
                                case LIFECYCLE -> "running=\"hanging-lifecycle of phase 7[,\"]";
                                default -> "hanging-hook WAITING at ";
                            })
                    .contains("HangingPart$Part.hang");
        }
    }

    @Test
    void phaseThatIsNeverOverIsLeftSoThatTheOthersStop() {
        try (ServerProcess server =
                ServerLaunch.with(PROPERTY).jvm(HangingPart.PHASE.flags()).start()) {
            assertThat(statusInTime(server)).isEqualTo(TERMINATED);

            assertThat(server.log().text()).contains("hanging-phase").doesNotContain("shutdown.overdue");
        }
    }

    @Test
    void signalDuringAStartThatHangsEndsTheProcess() {
        try (ServerProcess server =
                ServerLaunch.with(PROPERTY).jvm(HangingPart.START.flags()).launch()) {
            server.log().await("hanging"::equals, START);

            assertThat(statusInTime(server)).isEqualTo(FORCED);

            assertThat(report(server)).contains("main RUNNABLE at ", "HangingPart$Part.accept");
        }
    }

    @Test
    void failedStartThatLeavesAThreadEndsTheProcess() {
        try (ServerProcess server =
                ServerLaunch.with(PROPERTY).jvm(HangingPart.THREAD.flags()).launch()) {
            server.log().await(line -> line.contains("Application run failed"), START);
            long failed = System.nanoTime();

            int status = server.awaitExit(DEADLINE.plus(GRACE));

            assertThat(status).isEqualTo(FORCED);
            assertThat(Duration.ofNanos(System.nanoTime() - failed)).isLessThan(DEADLINE.plus(GRACE));
            assertThat(report(server)).contains("hanging-thread WAITING at ");
        }
    }

    @Test
    void signalAtAnyMomentOfTheStartEndsTheProcess() {
        for (String line : new String[] {"Starting StarlingApplication", "transport.start", "Netty started on port"}) {
            try (ServerProcess server = ServerLaunch.with(PROPERTY).launch()) {
                server.log().await(text -> text.contains(line), START);

                assertThat(statusInTime(server)).as(line).isIn(TERMINATED, FORCED);
            }
        }
    }

    @Test
    void redisThatDoesNotAnswerDelaysTheEndByNothing() {
        try (RedisServer redis = RedisServer.start();
                ServerProcess server = ServerLaunch.with(PROPERTY)
                        .and(redis.properties().toArray(String[]::new))
                        .start()) {
            redis.freeze();
            try {
                assertThat(statusInTime(server)).isEqualTo(TERMINATED);
                assertThat(server.newFaults()).isEmpty();
            } finally {
                redis.thaw();
            }
        }
    }

    /** The reader of the log has stopped, as that of a container can: each line then blocks the thread that writes it. */
    @Test
    void logThatTakesNoLinesDoesNotKeepTheProcess() throws Exception {
        Process server = unread();
        try {
            awaitStuck(server);
            new ProcessBuilder("kill", "-TERM", Long.toString(server.pid()))
                    .start()
                    .waitFor();

            assertThat(server.waitFor(DEADLINE.plus(GRACE).toMillis(), TimeUnit.MILLISECONDS))
                    .as("gone")
                    .isTrue();
            assertThat(server.exitValue()).isEqualTo(FORCED);
        } finally {
            server.destroyForcibly();
        }
    }

    /** A server that logs more than a pipe holds, into a pipe that nobody reads. */
    private static Process unread() throws IOException {
        List<String> command = new ArrayList<>(List.of(ServerImage.java(), "-Xmx256m"));
        command.addAll(ServerImage.get().flags());
        command.addAll(List.of("-jar", ServerImage.get().jar().toString()));
        command.addAll(List.of("--server.port=0", "--logging.level.root=debug", "--" + PROPERTY));
        return new ProcessBuilder(command)
                .directory(Path.of("target").toFile())
                .redirectErrorStream(true)
                .start();
    }

    /** Waits until the pipe is full: the process uses no processor time from then on. */
    private static void awaitStuck(Process server) {
        Duration[] used = {Duration.ZERO};
        Awaitility.await("stuck")
                .atMost(START)
                .pollInterval(Duration.ofMillis(500))
                .until(() -> {
                    Duration before = used[0];
                    used[0] = server.info().totalCpuDuration().orElseThrow();
                    return used[0].compareTo(Duration.ofMillis(500)) > 0
                            && used[0].minus(before).compareTo(Duration.ofMillis(50)) < 0;
                });
    }

    private static int statusInTime(ServerProcess server) {
        server.signal("TERM");
        return server.awaitExit(DEADLINE.plus(GRACE));
    }

    private static String report(ServerProcess server) {
        return server.log().await(line -> line.contains("shutdown.overdue"), GRACE);
    }
}
