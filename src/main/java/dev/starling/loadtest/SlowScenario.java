package dev.starling.loadtest;

import java.time.Duration;
import java.util.concurrent.atomic.LongAdder;
import org.HdrHistogram.Histogram;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** A share of the readers stops reading; the others must not notice. */
@Command(name = "slow", description = "A share of the readers stops reading; the rest must not notice.")
final class SlowScenario extends Scenario {

    @Option(names = "--share", description = "Of readers that stop. Default: ${DEFAULT-VALUE}", defaultValue = "0.01")
    double share;

    @Option(names = "--publish-rate", description = "Default: ${DEFAULT-VALUE}", defaultValue = "20")
    double publishRate;

    @Option(names = "--payload", description = "Bytes of data. Default: ${DEFAULT-VALUE}", defaultValue = "16384")
    int payload;

    @Option(
            names = "--max-slowdown",
            description = "By what factor the others' p99 may grow; 0 = any. Default: ${DEFAULT-VALUE}",
            defaultValue = "0")
    double maxSlowdown;

    @Override
    int connections() {
        return options.connections + 1;
    }

    @Override
    Verdict run(ClientLoops loops, Progress progress) {
        int slow = (int) Math.max(1, Math.round(options.connections * share));
        ChannelPlan plan = new ChannelPlan(options.prefix, 1, 1);
        FanoutSink sink = new FanoutSink(plan);
        Population healthy =
                new Population(loops, options.connections - slow, plan, options.pace(), options.tokens(), sink);
        SlowEndings endings = new SlowEndings();
        Population stopping = new Population(loops, slow, plan, options.pace(), options.tokens(), endings);
        Publishing publishing = new Publishing(
                loops,
                new Publishing.Course(publishRate, 0, 0, payload, true),
                plan,
                healthy.size(),
                new Publishing.Spec(1, options.driverPace(), options.tokens()));
        sink.follow(publishing);
        healthy.open();
        stopping.open();
        publishing.publishers().open();
        progress.until(
                () -> healthy.isSettled()
                        && stopping.isSettled()
                        && publishing.publishers().isSettled(),
                options.connectBound(options.connections),
                () -> "connected " + healthy.ready());
        progress.say("ready: " + (healthy.ready() + stopping.ready()) + " connections");
        publishing.start();
        sink.count();
        progress.hold(options.duration, () -> "all read");
        Histogram before = loops.latency();
        loops.onEach(desk -> desk.latency().reset());
        sink.count();
        stopping.forEachReady(client -> client.connection().reading(false));
        progress.hold(options.duration, () -> slow + " do not read");
        Histogram during = loops.latency();
        publishing.stop();
        progress.until(
                () -> loops.sum(LoopDesk::delivered) >= publishing.expected(),
                options.settle,
                () -> "waiting for the last");
        stopping.forEachConnected(client -> client.connection().reading(true));
        progress.until(() -> endings.count() >= slow, Duration.ofSeconds(5), () -> "waiting for the slow");
        return verdict(healthy, stopping, publishing, before, during);
    }

    private Verdict verdict(
            Population healthy, Population stopping, Publishing publishing, Histogram before, Histogram during) {
        Verdict verdict = new Verdict(new Result("slow"));
        ConnectionReport.add(verdict, healthy, options.maxFailures);
        verdict.result()
                .times("latencyBefore", before)
                .times("latency", during)
                .put("slow", stopping.size())
                .put("slowEnded", stopping.dropped())
                .put("slowEndings", stopping.failures());
        DeliveryTally.of(healthy, publishing).report(verdict, options.maxLoss);
        verdict.p99(during, options.maxP99);
        if (maxSlowdown > 0) {
            verdict.most(
                    "growth of the others' p99",
                    (double) during.getValueAtPercentile(99) / Math.max(1, before.getValueAtPercentile(99)),
                    maxSlowdown);
        }
        healthy.leave();
        stopping.leave();
        publishing.publishers().leave();
        return verdict;
    }

    /** Counts the readers that were ended. */
    private static final class SlowEndings implements ClientSink {

        private final LongAdder count = new LongAdder();

        @Override
        public void ended(Client client, Ending ending, boolean ready) {
            count.increment();
        }

        long count() {
            return count.sum();
        }
    }
}
