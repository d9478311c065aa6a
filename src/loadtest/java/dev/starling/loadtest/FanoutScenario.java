package dev.starling.loadtest;

import dev.starling.loadtest.client.ChannelPlan;
import dev.starling.loadtest.client.ClientLoops;
import dev.starling.loadtest.client.LoopDesk;
import dev.starling.loadtest.client.Population;
import dev.starling.loadtest.probe.ServerProbe.Look;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.HdrHistogram.Histogram;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Publishes to subscribers and measures what arrives. */
@Command(
        name = "fanout",
        description = {
            "Publishes to subscribers: at a rate (open loop; a latency counts from when the message was meant to be sent),"
                    + " or so many messages at a time (closed loop)."
        })
sealed class FanoutScenario extends Scenario {

    private static final Duration STALLED = Duration.ofSeconds(5);

    @Option(names = "--channels", description = "Default: ${DEFAULT-VALUE}", defaultValue = "1")
    int channels;

    @Option(names = "--subscriptions", description = "Per connection. Default: ${DEFAULT-VALUE}", defaultValue = "1")
    int subscriptions;

    @Option(
            names = "--publishers",
            description = "Connections that publish, beside --connections; 0 = only listen. Default: ${DEFAULT-VALUE}",
            defaultValue = "1")
    int publishers;

    @Option(
            names = "--publish-rate",
            description = "Open loop: messages per second in all. Default: 10",
            defaultValue = "0")
    double publishRate;

    @Option(names = "--in-flight", description = "Closed loop: messages under way at a time.", defaultValue = "0")
    int inFlight;

    @Option(
            names = "--messages",
            description = "End after so many, warm-up included; 0 = by --duration.",
            defaultValue = "0")
    long messages;

    @Option(names = "--payload", description = "Bytes of data. Default: ${DEFAULT-VALUE}", defaultValue = "128")
    int payload;

    @Option(names = "--no-acks", description = "Ask for no answers to publishes.")
    boolean noAcks;

    @Option(
            names = "--warm-up",
            description = "Before the measurement, with the same load. Default: ${DEFAULT-VALUE}",
            defaultValue = "3s")
    Duration warmUp = Duration.ZERO;

    /** What is published while it is measured, and what the server does for it. */
    private record Moment(long published, long delivered, Look look) {}

    String scenario() {
        return "fanout";
    }

    int subscribers() {
        return options.connections;
    }

    int publishers() {
        return publishers;
    }

    int channels() {
        return channels;
    }

    @Override
    final void check() {
        require(channels() >= 1 && subscriptions >= 0 && publishers() >= 0, "--channels must be at least 1");
        require(subscribers() == 0 || subscriptions <= channels(), "--channels must be at least --subscriptions");
        require(
                inFlight >= 0 && inFlight <= Publishing.MAX_IN_FLIGHT,
                "--in-flight must be from 0 to " + Publishing.MAX_IN_FLIGHT);
        require(publishRate >= 0 && messages >= 0 && payload >= 0, "no rate, number or size is below 0");
        require(publishRate == 0 || inFlight == 0, "either --publish-rate or --in-flight");
    }

    @Override
    final int connections() {
        return subscribers() + publishers();
    }

    @Override
    final Verdict run(ClientLoops loops, Progress progress) {
        ChannelPlan plan = new ChannelPlan(options.prefix, channels(), subscriptions);
        FanoutSink sink = new FanoutSink(plan);
        Population readers = new Population(loops, subscribers(), plan, options.pace(), options.tokens(), sink);
        Publishing publishing = new Publishing(
                loops,
                course(),
                plan,
                subscribers(),
                new Publishing.Spec(publishers(), options.driverPace(), options.tokens()));
        sink.follow(publishing);
        connect(progress, readers, publishing.publishers());
        return measure(loops, readers, publishing, sink, progress);
    }

    private Publishing.Course course() {
        double rate = publishRate == 0 && inFlight == 0 ? 10 : publishRate;
        return new Publishing.Course(rate, inFlight, messages, payload, !noAcks || subscribers() == 0);
    }

    private Verdict measure(
            ClientLoops loops, Population readers, Publishing publishing, FanoutSink sink, Progress progress) {
        boolean able = publishing.publishers().ready() == publishers();
        if (able) {
            publishing.start();
        }
        pass(warmUp, loops, readers, publishing, progress);
        sink.count();
        publishing.count();
        Moment begin = moment(loops, publishing);
        pass(options.duration, loops, readers, publishing, progress);
        sink.stop();
        Moment end = moment(loops, publishing);
        publishing.stop();
        if (publishers() > 0) {
            progress.until(
                    () -> loops.sum(LoopDesk::delivered) >= publishing.books().expected() && publishing.isAnswered(),
                    options.settle,
                    () -> "waiting for the last");
        }
        Verdict verdict = verdict(loops, readers, publishing, begin, end);
        readers.leave();
        publishing.publishers().leave();
        return verdict;
    }

    private void pass(Duration time, ClientLoops loops, Population readers, Publishing publishing, Progress progress) {
        long deadline = System.nanoTime() + time.toNanos();
        long[] last = {-1, System.nanoTime()};
        progress.until(
                () -> isOver(loops, readers, publishing, last, deadline),
                time.plusSeconds(1),
                () -> "published " + publishing.published() + ", delivered " + loops.sum(LoopDesk::delivered));
    }

    private boolean isOver(ClientLoops loops, Population readers, Publishing publishing, long[] last, long deadline) {
        long now = System.nanoTime();
        if (inFlight > 0 && publishRate == 0) {
            if (publishing.completedCount() != last[0]) {
                last[0] = publishing.completedCount();
                last[1] = now;
            } else if (now - last[1] > STALLED.toNanos()) {
                last[1] = now;
                publishing.forgive();
            }
        }
        boolean all = messages > 0
                && (publishers() > 0
                        ? publishing.hasPublishedAll()
                        : loops.sum(LoopDesk::delivered) >= messages * readers.ready() * subscriptions / channels());
        return all || now - deadline >= 0;
    }

    private Moment moment(ClientLoops loops, Publishing publishing) {
        long delivered = loops.sum(LoopDesk::delivered);
        return new Moment(publishing.published(), delivered, options.probe().look());
    }

    private Verdict verdict(ClientLoops loops, Population readers, Publishing publishing, Moment begin, Moment end) {
        Verdict verdict = new Verdict(new Result(scenario()));
        Result result = verdict.result();
        double seconds = end.look().secondsSince(begin.look());
        long delivered = end.delivered() - begin.delivered();
        long published = end.published() - begin.published();
        report(verdict, subscribers() > 0 ? readers : publishing.publishers());
        Histogram latency = loops.latency();
        Histogram answers = publishing.answers();
        result.put("seconds", seconds)
                .put("toolProcessors", end.look().toolProcessorsSince(begin.look()))
                .put("published", published)
                .put("publishedPerSecond", (double) published / seconds)
                .put("delivered", delivered)
                .put("deliveredPerSecond", delivered / seconds)
                .times("latency", latency)
                .times("acknowledgement", answers)
                .put("deliveredInAll", loops.sum(LoopDesk::delivered));
        publishing.report(verdict, options);
        DeliveryTally.of(readers, publishing).report(verdict, options.maxLoss);
        if (!options.pids.isEmpty()) {
            result.put("server", server(begin.look(), end.look(), published, delivered));
        }
        return verdict.p99(latency.getTotalCount() > 0 ? latency : answers, options.maxP99);
    }

    private static Map<String, Object> server(Look begin, Look end, long published, long delivered) {
        Map<String, Object> server = new LinkedHashMap<>();
        double cpu = end.cpuMicros() - begin.cpuMicros();
        server.put("cpuMicros", Result.rounded(cpu));
        server.put("cpuMicrosPerDelivery", delivered == 0 ? 0 : Result.rounded(cpu / delivered));
        server.put("cpuMicrosPerPublish", published == 0 ? 0 : Result.rounded(cpu / published));
        server.put("rssBytes", end.rssBytes());
        return server;
    }

    /** Publishes what nobody reads: {@code --connections} publishers, each with a channel of its own. */
    @Command(
            name = "publish",
            description = "As fanout without subscribers: --connections publish, each to its own channel.")
    static final class Publish extends FanoutScenario {

        @Override
        String scenario() {
            return "publish";
        }

        @Override
        int subscribers() {
            return 0;
        }

        @Override
        int publishers() {
            return options.connections;
        }

        @Override
        int channels() {
            return options.connections;
        }
    }
}
