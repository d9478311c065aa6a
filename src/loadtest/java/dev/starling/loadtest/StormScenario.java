package dev.starling.loadtest;

import java.time.Duration;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Cuts all at once and measures until all are back. */
@Command(name = "storm", description = "Cuts all connections at once and measures until all are back and resubscribed.")
final class StormScenario extends CheckedScenario {

    @Option(names = "--cut", description = "reset or close. Default: ${DEFAULT-VALUE}", defaultValue = "reset")
    Cut cut = Cut.reset;

    @Option(
            names = "--max-recovery",
            description = "Seconds until all are back and have what they missed. Default: ${DEFAULT-VALUE}",
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
        Duration bound = Duration.ofMillis((long) (maxRecovery * 1000));
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
                bound,
                () -> "back " + stage.clients().ready());
        verdict.result().put("allBack", back).put("secondsUntilAllBack", seconds(begin));
        boolean recovered = progress.until(
                stage.checker().caughtUp(),
                bound.minusNanos(System.nanoTime() - begin),
                () -> "waiting for what was missed");
        verdict.result().put("secondsUntilAllRecovered", seconds(begin));
        verdict.must(back, "not all were back and subscribed after --max-recovery")
                .must(recovered, "not all had what they missed after --max-recovery");
        progress.hold(options.duration, () -> "holding");
    }

    private static double seconds(long sinceNanos) {
        return Result.rounded((System.nanoTime() - sinceNanos) / 1e9);
    }
}
