package dev.starling.loadtest;

import dev.starling.loadtest.check.DeliveryChecker;
import dev.starling.loadtest.check.DeliveryReport;
import dev.starling.loadtest.client.ChannelPlan;
import dev.starling.loadtest.client.ClientLoops;
import dev.starling.loadtest.client.Population;
import java.util.LinkedHashMap;
import java.util.Map;
import org.HdrHistogram.Histogram;
import picocli.CommandLine.Option;

/** A scenario in which subscribers come and go while messages are published, and everything is checked. */
abstract class CheckedScenario extends Scenario {

    @Option(names = "--channels", description = "Default: ${DEFAULT-VALUE}", defaultValue = "10")
    int channels;

    @Option(names = "--subscriptions", description = "Per connection. Default: ${DEFAULT-VALUE}", defaultValue = "1")
    int subscriptions;

    @Option(names = "--publishers", description = "Default: ${DEFAULT-VALUE}", defaultValue = "1")
    int publishers;

    @Option(
            names = "--publish-rate",
            description = "Messages per second in all. Default: ${DEFAULT-VALUE}",
            defaultValue = "10")
    double publishRate;

    @Option(names = "--payload", description = "Bytes of data. Default: ${DEFAULT-VALUE}", defaultValue = "128")
    int payload;

    /** All that runs in such a scenario. */
    record Stage(ClientLoops loops, DeliveryChecker checker, CheckedReaders readers, CheckedPublishing publishing) {

        Population clients() {
            return readers.population();
        }
    }

    @Override
    void check() {
        require(options.connections >= 1 && publishers >= 1, "--connections and --publishers must be at least 1");
        require(
                subscriptions >= 1 && channels >= subscriptions,
                "--channels must be at least --subscriptions, and both 1");
        require(publishRate > 0 && payload >= 0, "--publish-rate must be above 0, --payload at least 0");
    }

    @Override
    final int connections() {
        return options.connections + publishers;
    }

    abstract String scenario();

    /** What happens between the beginning and the end, and what is found. */
    abstract void act(Stage stage, Verdict verdict, Progress progress);

    @Override
    final Verdict run(ClientLoops loops, Progress progress) {
        DeliveryChecker checker = new DeliveryChecker();
        ChannelPlan plan = new ChannelPlan(options.prefix, channels, subscriptions);
        CheckedReaders readers = new CheckedReaders(
                loops, checker, plan, options.connections, options.pace(), options.tokens(), options.urls.size() > 1);
        CheckedPublishing publishing = new CheckedPublishing(
                loops,
                checker,
                plan,
                publishRate,
                payload,
                new Publishing.Spec(publishers, options.driverPace(), options.tokens()));
        Stage stage = new Stage(loops, checker, readers, publishing);
        Verdict verdict = new Verdict(new Result(scenario()));
        boolean up = connect(progress, readers.population(), publishing.publishers());
        verdict.must(up, "not all were connected in time: nothing was measured");
        if (up) {
            publishing.start();
            act(stage, verdict, progress);
            publishing.stop();
        }
        finish(stage, verdict, progress);
        return verdict;
    }

    /** Waits until all are there again, as long as that may take. */
    final boolean awaitAll(Stage stage, Progress progress) {
        return progress.until(
                () -> stage.clients().ready() == options.connections
                        && stage.publishing().publishers().ready() == publishers,
                options.connectBound(options.connections),
                () -> "connected " + stage.clients().ready());
    }

    private void finish(Stage stage, Verdict verdict, Progress progress) {
        progress.until(
                () -> stage.publishing().unanswered() == 0
                        && stage.checker().outstanding() == 0
                        && stage.checker().missing() == 0,
                options.settle,
                () -> "waiting for the last");
        int unanswered = stage.publishing().unanswered();
        DeliveryReport report = stage.checker().report();
        stage.readers().stayAway();
        report(stage, verdict, report, unanswered);
        stage.clients().leave();
        stage.publishing().publishers().leave();
    }

    private void report(Stage stage, Verdict verdict, DeliveryReport report, int unanswered) {
        Histogram latency = stage.loops().latency();
        Map<String, Object> delivery = new LinkedHashMap<>();
        delivery.put("sent", report.sent());
        delivery.put("unsaid", stage.publishing().unsaid());
        delivery.put("acknowledged", report.acknowledged());
        delivery.put("unanswered", unanswered);
        delivery.put("delivered", report.delivered());
        delivery.put("toldLost", report.toldLost());
        delivery.put("lostWithoutHistory", report.lostWithoutHistory());
        delivery.put("recoveries", report.recoveries());
        delivery.put("refusals", report.refusals());
        delivery.put("restarts", report.restarts());
        delivery.put("rewritten", report.rewritten());
        delivery.put("faults", report.faultCount());
        verdict.result()
                .put("delivery", delivery)
                .put(
                        "faults",
                        report.faults().stream().limit(5).map(String::valueOf).toList())
                .put("recovered", stage.readers().recovered())
                .put("unrecovered", stage.readers().unrecovered())
                .put("goaways", stage.readers().goaways().goaways())
                .put("untold", untold(stage))
                .put("endings", stage.readers().endings())
                .put("errors", stage.clients().errors())
                .put("publisherErrors", stage.publishing().publishers().errors())
                .times("establishment", stage.clients().establishment())
                .times("latency", latency);
        verdict.most("broken promises", report.faultCount(), options.maxLoss);
        verdict.most("unanswered publishes", unanswered, options.maxLoss);
        verdict.most("lost without history", report.lostWithoutHistory(), options.maxLoss);
        verdict.most("error frames", stage.clients().errorCount(), options.maxLoss);
        verdict.most(
                "error frames of publishers", stage.publishing().publishers().errorCount(), options.maxLoss);
        verdict.most("connections that the server ended untold", untold(stage), options.maxFailures)
                .most("connections that it ended without a close frame", abrupt(stage), options.maxFailures)
                .p99(latency, options.maxP99);
    }

    private static long untold(Stage stage) {
        return stage.readers().goaways().untold() + stage.publishing().goaways().untold();
    }

    private static long abrupt(Stage stage) {
        return stage.readers().goaways().abrupt() + stage.publishing().goaways().abrupt();
    }
}
