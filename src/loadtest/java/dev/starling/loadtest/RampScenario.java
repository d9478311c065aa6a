package dev.starling.loadtest;

import dev.starling.loadtest.client.ChannelPlan;
import dev.starling.loadtest.client.Client;
import dev.starling.loadtest.client.ClientLoops;
import dev.starling.loadtest.client.Ending;
import dev.starling.loadtest.client.Population;
import dev.starling.loadtest.probe.ActuatorProbe;
import dev.starling.loadtest.probe.ServerProbe;
import dev.starling.loadtest.probe.ServerProbe.Look;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Connects at a rate and holds, or connects and closes again and again. */
@Command(name = "ramp", description = "Connects at a rate, subscribes, holds; or with --churn connects and closes.")
final class RampScenario extends Scenario {

    @Option(names = "--subscriptions", description = "Per connection. Default: ${DEFAULT-VALUE}", defaultValue = "2")
    int subscriptions;

    @Option(
            names = "--channels",
            description = "In all, 0 = for each subscription its own. Default: ${DEFAULT-VALUE}",
            defaultValue = "100")
    int channels;

    @Option(
            names = "--churn",
            description = "Connect so many times, closing each at its welcome, --at-once at a time.",
            defaultValue = "0")
    int churn;

    @Option(
            names = "--warm-up",
            description = {
                "So many connects before, closed again and not counted: else the first to come would wait until the tool's"
                        + " own classes are loaded. Default: ${DEFAULT-VALUE}"
            },
            defaultValue = "20")
    int warmUp;

    @Override
    void check() {
        require(churn >= 0 && warmUp >= 0, "--churn and --warm-up must be at least 0");
        require(
                subscriptions >= 0 && (channels == 0 || channels >= subscriptions),
                "--subscriptions must be at least 0, and --channels 0 or at least as many");
    }

    @Override
    int connections() {
        return churn > 0 ? options.atOnce : options.connections;
    }

    @Override
    Verdict run(ClientLoops loops, Progress progress) {
        return churn > 0 ? churn(loops, progress) : hold(loops, progress);
    }

    private Verdict hold(ClientLoops loops, Progress progress) {
        warmUp(loops, progress);
        ServerProbe probe = options.probe();
        ActuatorProbe actuator = options.actuator();
        Look before = probe.lookDeep();
        long heapBefore = actuator.heapBytes();
        int all = channels > 0 ? channels : Math.max(1, options.connections * subscriptions);
        ChannelPlan plan = new ChannelPlan(options.prefix, all, subscriptions);
        Population population = new Population(
                loops, options.connections, plan, options.pace(), options.tokens(), new Client.Sink() {});
        Supplier<String> line = () -> "connected " + population.ready() + ", failed " + population.failed();
        // The collection of the look before is none of the connects' cost.
        Look start = probe.look();
        connect(progress, population);
        Look up = probe.look();
        progress.hold(options.duration, line);
        Look after = probe.lookDeep();
        Verdict verdict = new Verdict(new Result("ramp"));
        verdict.result().put("seconds", up.secondsSince(start)).put("toolProcessors", up.toolProcessorsSince(start));
        report(verdict, population);
        verdict.p99(population.establishment(), options.maxP99);
        if (!probe.isBlind()) {
            Map<String, Object> server = ServerProbe.memory(before, after, population.ready());
            server.put("cpuMicrosPerConnect", each(up.cpuMicros() - start.cpuMicros(), population.established()));
            server.put("cpuMicrosWhileHolding", Result.rounded(after.cpuMicros() - up.cpuMicros()));
            verdict.result().put("server", server);
        }
        if (!actuator.isBlind()) {
            verdict.result().put("actuator", actuator.report(heapBefore, population.ready()));
        }
        population.leave();
        return verdict;
    }

    private Verdict churn(ClientLoops loops, Progress progress) {
        warmUp(loops, progress);
        ServerProbe probe = options.probe();
        Look before = probe.look();
        Population population = round(loops, progress, churn);
        Look after = probe.look();
        Verdict verdict = new Verdict(new Result("churn"));
        verdict.result()
                .put("seconds", after.secondsSince(before))
                .put("toolProcessors", after.toolProcessorsSince(before))
                .put("connectsPerSecond", population.established() / after.secondsSince(before));
        report(verdict, population);
        verdict.p99(population.establishment(), options.maxP99);
        if (!probe.isBlind()) {
            Map<String, Object> server = new LinkedHashMap<>();
            server.put("cpuMicros", Result.rounded(after.cpuMicros() - before.cpuMicros()));
            server.put("cpuMicrosPerConnect", each(after.cpuMicros() - before.cpuMicros(), population.established()));
            verdict.result().put("server", server);
        }
        return verdict;
    }

    /** What each of so many took. */
    private static double each(double micros, int count) {
        return count == 0 ? 0 : Result.rounded(micros / count);
    }

    private void warmUp(ClientLoops loops, Progress progress) {
        if (warmUp > 0) {
            round(loops, progress, warmUp);
        }
    }

    private Population round(ClientLoops loops, Progress progress, int count) {
        AtomicInteger closed = new AtomicInteger();
        Population population = new Population(
                loops, count, new ChannelPlan(options.prefix, 1, 0), churnPace(), options.tokens(), new Client.Sink() {
                    @Override
                    public void ready(Client client) {
                        client.connection().leave();
                    }

                    @Override
                    public void ended(Client client, Ending ending, boolean ready) {
                        closed.incrementAndGet();
                    }
                });
        population.open();
        progress.until(
                () -> closed.get() >= count,
                options.timeout.plusSeconds(2 + count / 50),
                () -> "connects " + closed.get());
        return population;
    }

    private Population.Pace churnPace() {
        return new Population.Pace(0, options.atOnce, options.timeout.toMillis(), options.threads, true);
    }
}
