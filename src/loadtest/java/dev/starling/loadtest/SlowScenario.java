package dev.starling.loadtest;

import dev.starling.loadtest.client.ChannelPlan;
import dev.starling.loadtest.client.Client;
import dev.starling.loadtest.client.ClientLoops;
import dev.starling.loadtest.client.Ending;
import dev.starling.loadtest.client.LoopDesk;
import dev.starling.loadtest.client.Population;
import java.time.Duration;
import java.util.concurrent.atomic.LongAdder;
import org.HdrHistogram.Histogram;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** A share of the readers stops reading; the others must not notice. */
@Command(name = "slow", description = "A share of the readers stops reading; the rest must not notice.")
final class SlowScenario extends Scenario {

    private static final Duration ENDING = Duration.ofSeconds(5);

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
    void check() {
        require(
                share > 0 && share < 1 && slow() < options.connections,
                "--share must leave some of --connections on both sides");
        require(publishRate > 0 && payload >= 0, "--publish-rate must be above 0, --payload at least 0");
        require(maxSlowdown >= 0, "--max-slowdown must be at least 0");
    }

    @Override
    int connections() {
        return options.connections + 1;
    }

    private int slow() {
        return (int) Math.max(1, Math.round(options.connections * share));
    }

    @Override
    Verdict run(ClientLoops loops, Progress progress) {
        ChannelPlan plan = new ChannelPlan(options.prefix, 1, 1);
        FanoutSink sink = new FanoutSink(plan);
        Population healthy =
                new Population(loops, options.connections - slow(), plan, options.pace(), options.tokens(), sink);
        SlowEndings endings = new SlowEndings();
        Population stopping = new Population(loops, slow(), plan, options.pace(), options.tokens(), endings);
        Publishing publishing = new Publishing(
                loops,
                new Publishing.Course(publishRate, 0, 0, payload, true),
                plan,
                healthy.size(),
                new Publishing.Spec(1, options.driverPace(), options.tokens()));
        sink.follow(publishing);
        Verdict verdict = new Verdict(new Result("slow"));
        verdict.must(
                connect(progress, healthy, stopping, publishing.publishers()), "not all were connected when it began");
        publishing.start();
        sink.count();
        progress.hold(options.duration, () -> "all read");
        Histogram before = loops.latency();
        loops.onEach(desk -> desk.latency().reset());
        sink.count();
        stopping.forEachReady(client -> client.connection().reading(false));
        progress.hold(options.duration, () -> slow() + " do not read");
        sink.stop();
        publishing.stop();
        // What is late counts: a message that the slow held up until now is what this is about.
        progress.until(
                () -> loops.sum(LoopDesk::delivered) >= publishing.books().expected() && publishing.isAnswered(),
                options.settle,
                () -> "waiting for the last");
        Histogram during = loops.latency();
        stopping.forEachConnected(client -> client.connection().reading(true));
        progress.until(() -> endings.count() >= slow(), ENDING, () -> "waiting for the slow");
        report(verdict, healthy, stopping, publishing, before, during);
        healthy.leave();
        stopping.leave();
        publishing.publishers().leave();
        return verdict;
    }

    private void report(
            Verdict verdict,
            Population healthy,
            Population stopping,
            Publishing publishing,
            Histogram before,
            Histogram during) {
        report(verdict, healthy);
        verdict.result()
                .times("latencyBefore", before)
                .times("latency", during)
                .put("slow", stopping.size())
                .put("slowEnded", stopping.dropped())
                .put("slowEndings", stopping.failures());
        publishing.report(verdict, options);
        DeliveryTally.of(healthy, publishing).report(verdict, options.maxLoss);
        verdict.p99(during, options.maxP99)
                .must(before.getTotalCount() > 0, "no message arrived before they stopped reading")
                .must(during.getTotalCount() > 0, "no message arrived while they did not read");
        if (maxSlowdown > 0) {
            verdict.most(
                    "growth of the others' p99",
                    (double) during.getValueAtPercentile(99) / Math.max(1, before.getValueAtPercentile(99)),
                    maxSlowdown);
        }
    }

    /** Counts the readers that were ended. */
    private static final class SlowEndings implements Client.Sink {

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
