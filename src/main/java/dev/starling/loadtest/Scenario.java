package dev.starling.loadtest;

import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Mixin;

/** What all scenarios do: look whether the machine suffices, run, report, judge. */
abstract class Scenario implements Callable<Integer> {

    static final int FINE = 0;
    static final int FAILED = 1;
    static final int REFUSED = 3;

    @Mixin
    LoadOptions options = new LoadOptions();

    /** How many connections it will open. */
    abstract int connections();

    /** Runs it. */
    abstract Verdict run(ClientLoops loops, Progress progress);

    @Override
    public final Integer call() {
        options.check();
        Optional<String> objection = Preflight.here()
                .objection(connections(), options.sources().addresses().size(), options.urls.size());
        if (objection.isPresent()) {
            System.err.println(objection.get());
            return REFUSED;
        }
        try (ClientLoops loops = options.loops()) {
            Progress progress = Progress.of(options.json);
            Verdict verdict = run(loops, progress);
            Result result = verdict.finish();
            progress.say("");
            System.out.println(options.json ? result.json() : result.table());
            return verdict.isFine() ? FINE : FAILED;
        }
    }
}
