package dev.starling.loadtest;

import dev.starling.loadtest.ServerProbe.Look;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** A mix for hours: messages, and clients that come and go. */
@Command(
        name = "soak",
        description = "Messages, and clients that come and go, for --duration: the slope of the memory.")
final class SoakScenario extends CheckedScenario {

    private static final double NANOS_PER_HOUR = 3.6e12;

    @Option(
            names = "--churn-rate",
            description = "Disconnects per second, half of them by reset. Default: ${DEFAULT-VALUE}",
            defaultValue = "5")
    double churnRate;

    @Option(
            names = "--sample",
            description = "How often to look at the memory. Default: ${DEFAULT-VALUE}",
            defaultValue = "10s",
            converter = DurationConverter.class)
    Duration sample = Duration.ZERO;

    @Option(names = "--max-slope", description = "MiB per hour by which RSS or heap may grow.")
    @Nullable
    Double maxSlope;

    @Override
    String scenario() {
        return "soak";
    }

    @Override
    void act(Stage stage, Verdict verdict, Progress progress) {
        ServerProbe probe = options.probe();
        ActuatorProbe actuator =
                new ActuatorProbe(options.actuators, options.tokens().of(0));
        Slope rss = new Slope();
        Slope heap = new Slope();
        long begin = System.nanoTime();
        long samples = 0;
        long cuts = 0;
        for (long elapsed = 0; elapsed < options.duration.toNanos(); elapsed = System.nanoTime() - begin) {
            if (elapsed >= samples * sample.toNanos()) {
                samples++;
                Look look = probe.lookDeep();
                rss.add(elapsed / NANOS_PER_HOUR, (double) look.rssBytes());
                heap.add(elapsed / NANOS_PER_HOUR, (double)
                        (look.liveHeapBytes() >= 0 ? look.liveHeapBytes() : actuator.heapBytes()));
            }
            for (long due = (long) (elapsed / 1e9 * churnRate); cuts < due; cuts++) {
                cut(stage);
            }
            progress.hold(
                    Duration.ofMillis(20), () -> "connected " + stage.clients().ready());
        }
        boolean back = awaitAll(stage, progress);
        Map<String, Object> memory = new LinkedHashMap<>();
        memory.put("samples", samples);
        memory.put("rssMibPerHour", mebibytes(rss));
        memory.put("heapMibPerHour", mebibytes(heap));
        verdict.result().put("cuts", cuts).put("allBack", back).put("memory", memory);
        verdict.most("MiB per hour of RSS", mebibytes(rss), maxSlope)
                .most("MiB per hour of heap", mebibytes(heap), maxSlope)
                .least("clients at the end", stage.clients().ready(), options.connections);
    }

    private static double mebibytes(Slope slope) {
        return Result.rounded(slope.perUnit() / (1 << 20));
    }

    private static void cut(Stage stage) {
        ThreadLocalRandom random = ThreadLocalRandom.current();
        boolean reset = random.nextBoolean();
        stage.clients().with(random.nextInt(stage.clients().size()), client -> {
            if (client.isReady() && reset) {
                client.connection().reset();
            } else if (client.isReady()) {
                client.connection().leave();
            }
        });
    }
}
