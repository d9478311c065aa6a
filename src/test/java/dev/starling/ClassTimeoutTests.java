package dev.starling;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.junit.platform.engine.discovery.DiscoverySelectors;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.junit.platform.launcher.listeners.SummaryGeneratingListener;

/** Test classes that hang, each in a JVM of its own. */
final class ClassTimeoutTests {

    private static final long PATIENCE_SECONDS = 60;

    @ParameterizedTest
    @ValueSource(classes = {HangsInATest.class, HangsInAfterAll.class})
    void classThatHangsFailsWithAThreadDump(Class<?> type) throws Exception {
        Result result = run(type);

        assertThat(result.status).isEqualTo(1);
        assertThat(result.output)
                .contains(type.getName() + " takes longer than PT1S", type.getName() + ".hang(")
                .contains(type.getName() + " took longer than PT1S");
    }

    @Test
    void classThatTakesNoInterruptEndsItsJvm() throws Exception {
        Result result = run(HangsForGood.class);

        assertThat(result.status).isEqualTo(ClassTimeout.STATUS);
        assertThat(result.output)
                .contains(HangsForGood.class.getName() + ".hang(")
                .contains(HangsForGood.class.getName() + " does not end");
    }

    private record Result(int status, String output) {}

    private static Result run(Class<?> type) throws Exception {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        "-D" + ClassTimeout.GRACE_PROPERTY + "=PT2S",
                        Runner.class.getName(),
                        type.getName())
                .redirectErrorStream(true)
                .start();
        try {
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
            return new Result(process.exitValue(), output);
        } finally {
            process.destroyForcibly();
        }
    }

    /** Runs one test class as a build does. */
    static final class Runner {

        private Runner() {}

        public static void main(String[] type) {
            LauncherDiscoveryRequest request = LauncherDiscoveryRequestBuilder.request()
                    .selectors(DiscoverySelectors.selectClass(type[0]))
                    .configurationParameter(ClassTimeout.LIMIT, "PT1S")
                    .build();
            SummaryGeneratingListener summary = new SummaryGeneratingListener();
            LauncherFactory.create().execute(request, summary);
            summary.getSummary().printFailuresTo(new PrintWriter(System.out, true, StandardCharsets.UTF_8));
            System.exit(summary.getSummary().getFailures().isEmpty() ? 0 : 1);
        }
    }

    static final class HangsInATest {
        @Test
        void hang() throws InterruptedException {
            TimeUnit.DAYS.sleep(1);
        }
    }

    static final class HangsInAfterAll {
        @Test
        void passes() {}

        @AfterAll
        static void hang() throws InterruptedException {
            TimeUnit.DAYS.sleep(1);
        }
    }

    static final class HangsForGood {
        @Test
        void passes() {}

        @AfterAll
        static void hang() {
            while (true) {
                LockSupport.park();
                Thread.interrupted();
            }
        }
    }
}
