package dev.starling.loadtest;

import dev.starling.loadtest.probe.ActuatorProbe;
import dev.starling.loadtest.probe.ServerProbe;
import dev.starling.loadtest.probe.ServerProbe.Look;
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
            defaultValue = "10s")
    Duration sample = Duration.ZERO;

    @Option(names = "--max-slope", description = "MiB per hour by which RSS or heap may grow.")
    @Nullable
    Double maxSlope;

    @Override
    String scenario() {
        return "soak";
    }

    @Override
    void check() {
        super.check();
        require(churnRate >= 0, "--churn-rate must be at least 0");
        require(
                !sample.isZero() && sample.compareTo(options.duration) < 0,
                "--sample must be above 0 and shorter than --duration: a slope needs two points");
        require(
                maxSlope == null || !options.pids.isEmpty() || !options.actuators.isEmpty(),
                "--max-slope needs --pid or --actuator");
    }

    @Override
    void act(Stage stage, Verdict verdict, Progress progress) {
        ServerProbe probe = options.probe();
        ActuatorProbe actuator = options.actuator();
        Slope rss = new Slope();
        Slope heap = new Slope();
        long begin = System.nanoTime();
        long samples = 0;
        long cuts = 0;
        for (long elapsed = 0; elapsed < options.duration.toNanos(); elapsed = System.nanoTime() - begin) {
            if (elapsed >= samples * sample.toNanos()) {
                samples++;
                look(probe, actuator, elapsed / NANOS_PER_HOUR, rss, heap);
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
        growth("rssMibPerHour", rss, memory, verdict);
        growth("heapMibPerHour", heap, memory, verdict);
        verdict.result().put("cuts", cuts).put("allBack", back).put("memory", memory);
        verdict.must(back, "not all were connected at the end");
    }

    /** What nobody tells is no point: a memory that is unknown does not stay level. */
    private static void look(ServerProbe probe, ActuatorProbe actuator, double hours, Slope rss, Slope heap) {
        Look look = probe.lookDeep();
        if (!probe.isBlind()) {
            rss.add(hours, (double) look.rssBytes());
        }
        long bytes = look.liveHeapBytes() >= 0 ? look.liveHeapBytes() : actuator.heapBytes();
        if (bytes >= 0) {
            heap.add(hours, (double) bytes);
        }
    }

    private void growth(String name, Slope slope, Map<String, Object> memory, Verdict verdict) {
        if (slope.isKnown()) {
            double mebibytes = Result.rounded(slope.perUnit() / (1 << 20));
            memory.put(name, mebibytes);
            verdict.most(name, mebibytes, maxSlope);
        }
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

    /** A line through points by least squares. One thread at a time. */
    static final class Slope {

        private double count;
        private double sumX;
        private double sumY;
        private double sumXx;
        private double sumXy;

        void add(double x, double y) {
            count++;
            sumX += x;
            sumY += y;
            sumXx += x * x;
            sumXy += x * y;
        }

        /** Whether there are two points at least, and not one above the other. */
        boolean isKnown() {
            return spread() > 1e-12;
        }

        /** By how much y grows with each x; 0 if the points do not say. */
        double perUnit() {
            return isKnown() ? (count * sumXy - sumX * sumY) / spread() : 0;
        }

        private double spread() {
            return count * sumXx - sumX * sumX;
        }
    }
}
