package dev.starling.loadtest;

import java.time.Duration;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Signals a node under load: all must be told, and find another node, if there is one. */
@Command(
        name = "drain",
        description =
                "Sends SIGTERM to the first --pid under load: each client must get goaway, and go to another --url.")
final class DrainScenario extends CheckedScenario {

    @Option(
            names = "--deadline",
            description = "Until the node must be gone. Default: ${DEFAULT-VALUE}",
            defaultValue = "30s")
    Duration deadline = Duration.ZERO;

    @Override
    String scenario() {
        return "drain";
    }

    @Override
    void check() {
        super.check();
        require(!options.pids.isEmpty(), "drain needs --pid");
    }

    @Override
    void act(Stage stage, Verdict verdict, Progress progress) {
        long pid = options.pids.get(0);
        progress.hold(options.duration, () -> "holding");
        boolean others = options.urls.size() > 1;
        if (!others) {
            stage.readers().stayAway();
        }
        long begin = System.nanoTime();
        ProcessHandle node = ProcessHandle.of(pid).orElseThrow(() -> new IllegalArgumentException("no process " + pid));
        node.destroy();
        boolean gone = progress.until(
                () -> !node.isAlive(),
                deadline,
                () -> "goaways " + stage.readers().goaways().goaways());
        double seconds = Result.rounded((System.nanoTime() - begin) / 1e9);
        boolean back = others && awaitAll(stage, progress);
        verdict.result().put("gone", gone).put("secondsUntilGone", seconds);
        verdict.must(gone, "the node was not gone after --deadline")
                .least("goaways", stage.readers().goaways().goaways(), others ? 1 : options.connections);
        if (others) {
            verdict.result().put("allBack", back);
            verdict.least("clients that found another node", stage.clients().ready(), options.connections);
            progress.hold(options.duration, () -> "holding");
        }
    }
}
