package dev.starling.loadtest;

import dev.starling.loadtest.client.ClientLoops;
import dev.starling.loadtest.client.Population;
import dev.starling.loadtest.client.SourceRange;
import dev.starling.loadtest.client.Target;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Mixin;

/** What all scenarios do: look whether the machine suffices, connect, run, report, judge. */
abstract class Scenario implements Callable<Integer> {

    static final int FINE = 0;
    static final int FAILED = 1;
    static final int REFUSED = 3;

    @Mixin
    LoadOptions options = new LoadOptions();

    /** @throws IllegalArgumentException if its options make no sense; before anything is connected */
    abstract void check();

    /** How many connections it will open. */
    abstract int connections();

    /** Runs it. */
    abstract Verdict run(ClientLoops loops, Progress progress);

    @Override
    public final Integer call() {
        options.check();
        check();
        Optional<String> objection = objection();
        if (objection.isPresent()) {
            System.err.println(objection.get());
            return REFUSED;
        }
        try (ClientLoops loops = options.loops()) {
            Progress progress = Progress.onStandardError();
            Verdict verdict = run(loops, progress);
            Result result = verdict.finish();
            progress.end();
            System.out.println(options.json ? result.json() : result.table());
            return verdict.isFine() ? FINE : FAILED;
        }
    }

    private Optional<String> objection() {
        SourceRange sources = options.sources();
        long targets =
                options.targets().stream().map(Target::address).distinct().count();
        return Preflight.here()
                .objection(connections(), sources.addresses().size(), targets)
                .or(sources::objection);
    }

    /** Connects all of these populations at once. Returns whether all of them are ready. */
    final boolean connect(Progress progress, Population... populations) {
        int size = Stream.of(populations).mapToInt(Population::size).sum();
        Stream.of(populations).forEach(Population::open);
        progress.until(
                () -> Stream.of(populations).allMatch(Population::isSettled),
                options.connectBound(size),
                () -> "connected " + ready(populations) + ", failed "
                        + Stream.of(populations).mapToInt(Population::failed).sum());
        progress.say("ready: " + ready(populations) + " of " + size + " connections");
        return ready(populations) == size;
    }

    private static int ready(Population... populations) {
        return Stream.of(populations).mapToInt(Population::ready).sum();
    }

    /** Adds what results say of a population, and what of that is wrong. */
    final void report(Verdict verdict, Population population) {
        Map<String, Object> counts = new LinkedHashMap<>();
        counts.put("wanted", population.size());
        counts.put("established", population.established());
        counts.put("ready", population.ready());
        counts.put("refused", population.refused());
        counts.put("dropped", population.dropped());
        verdict.result()
                .put("connections", counts)
                .put("failures", population.failures())
                .put("errors", population.errors())
                .times("establishment", population.establishment());
        verdict.most("failed connections", population.failed(), options.maxFailures);
        verdict.least("connections", population.readiedInAll(), population.size() - options.maxFailures);
    }

    /** @throws IllegalArgumentException if something is not so that must be */
    static void require(boolean condition, String message) {
        if (!condition) {
            throw new IllegalArgumentException(message);
        }
    }
}
