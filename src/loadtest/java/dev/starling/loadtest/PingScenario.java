package dev.starling.loadtest;

import dev.starling.loadtest.client.ChannelPlan;
import dev.starling.loadtest.client.Client;
import dev.starling.loadtest.client.ClientLoops;
import dev.starling.loadtest.client.LoopDesk;
import dev.starling.loadtest.client.Population;
import dev.starling.loadtest.probe.ServerProbe;
import dev.starling.loadtest.probe.ServerProbe.Look;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToLongFunction;
import org.HdrHistogram.Histogram;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Pings over all connections in turn. */
@Command(name = "ping", description = "Pings over all connections in turn: at a rate, or so many at a time.")
final class PingScenario extends Scenario {

    @Option(
            names = "--ping-rate",
            description = "Open loop: pings per second in all. Default: 1000",
            defaultValue = "0")
    double pingRate;

    @Option(names = "--in-flight", description = "Closed loop: pings under way at a time.", defaultValue = "0")
    int inFlight;

    @Option(names = "--websocket", description = "Ping frames of WebSocket rather than of the protocol.")
    boolean control;

    @Option(names = "--warm-up", description = "Before the measurement. Default: ${DEFAULT-VALUE}", defaultValue = "3s")
    Duration warmUp = Duration.ZERO;

    @Override
    void check() {
        require(options.connections >= 1, "--connections must be at least 1");
        require(pingRate >= 0 && inFlight >= 0, "--ping-rate and --in-flight must be at least 0");
        require(pingRate == 0 || inFlight == 0, "either --ping-rate or --in-flight");
    }

    @Override
    int connections() {
        return options.connections;
    }

    @Override
    Verdict run(ClientLoops loops, Progress progress) {
        List<Pinging> pingings = new ArrayList<>();
        Population clients = new Population(
                loops, options.connections, ChannelPlan.NONE, options.pace(), options.tokens(), new Client.Sink() {
                    @Override
                    public void pong(Client client, LoopDesk desk) {
                        pingings.get(client.number() % loops.size()).pong(client);
                    }
                });
        double rate = pingRate == 0 && inFlight == 0 ? 1000 : pingRate;
        int used = Math.min(loops.size(), options.connections);
        for (int i = 0; i < used; i++) {
            int share = inFlight / used + (i < inFlight % used ? 1 : 0);
            pingings.add(new Pinging(clients, i, rate / used, share, control));
        }
        connect(progress, clients);
        return measure(loops, clients, pingings, progress);
    }

    private Verdict measure(ClientLoops loops, Population clients, List<Pinging> pingings, Progress progress) {
        ServerProbe probe = options.probe();
        pingings.forEach(Pinging::start);
        progress.hold(warmUp, () -> "warming up");
        pingings.forEach(Pinging::count);
        Look before = probe.look();
        long pongsBefore = sum(pingings, Pinging::pongs);
        progress.hold(options.duration, () -> "pongs " + sum(pingings, Pinging::pongs));
        Look after = probe.look();
        long pongs = sum(pingings, Pinging::pongs) - pongsBefore;
        double seconds = after.secondsSince(before);
        pingings.forEach(Pinging::stop);
        progress.until(
                () -> sum(pingings, Pinging::pongs) >= sum(pingings, Pinging::pings),
                options.settle,
                () -> "waiting for the last");
        Verdict verdict = new Verdict(new Result("ping"));
        report(verdict, clients);
        Histogram times = loops.latency();
        long lost = sum(pingings, Pinging::pings) - sum(pingings, Pinging::pongs);
        verdict.result()
                .put("seconds", seconds)
                .put("toolProcessors", after.toolProcessorsSince(before))
                .put("pongs", pongs)
                .put("pongsPerSecond", pongs / seconds)
                .times("latency", times)
                .put("lost", lost);
        verdict.most("unanswered pings", lost, options.maxLoss)
                .most("pongs nobody asked for", sum(pingings, Pinging::strange), options.maxLoss)
                .p99(times, options.maxP99);
        if (!probe.isBlind()) {
            Map<String, Object> server = new LinkedHashMap<>();
            double cpu = after.cpuMicros() - before.cpuMicros();
            server.put("cpuMicros", Result.rounded(cpu));
            server.put("cpuMicrosPerPing", pongs == 0 ? 0 : Result.rounded(cpu / pongs));
            verdict.result().put("server", server);
        }
        clients.leave();
        return verdict;
    }

    private static long sum(List<Pinging> pingings, ToLongFunction<Pinging> count) {
        return pingings.stream().mapToLong(count).sum();
    }
}
