package dev.starling.loadtest;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Cuts all at once and measures until all are back. */
@Command(name = "storm", description = "Cuts all connections at once and measures until all are back and resubscribed.")
final class StormScenario extends CheckedScenario {

    @Option(names = "--cut", description = "reset or close. Default: ${DEFAULT-VALUE}", defaultValue = "reset")
    Cut cut = Cut.reset;

    @Option(
            names = "--max-recovery",
            description = "Seconds until all are back. Default: ${DEFAULT-VALUE}",
            defaultValue = "120")
    double maxRecovery;

    /** How a connection is cut; named as on the command line. */
    enum Cut {
        reset,
        close
    }

    @Override
    String scenario() {
        return "storm";
    }

    @Override
    void act(Stage stage, Verdict verdict, Progress progress) {
        progress.hold(options.duration, () -> "holding");
        long before = stage.clients().readiedInAll();
        long begin = System.nanoTime();
        stage.clients().forEachReady(client -> {
            if (cut == Cut.reset) {
                client.connection().reset();
            } else {
                client.connection().leave();
            }
        });
        boolean back = progress.until(
                () -> stage.clients().readiedInAll() - before >= options.connections
                        && stage.clients().ready() == options.connections,
                Duration.ofMillis((long) (maxRecovery * 1000)),
                () -> "back " + stage.clients().ready());
        double seconds = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begin) / 1000.0;
        verdict.result().put("allBack", back).put("secondsUntilAllBack", seconds);
        verdict.least("clients that came back", stage.clients().ready(), options.connections);
        progress.hold(options.duration, () -> "holding");
    }
}
