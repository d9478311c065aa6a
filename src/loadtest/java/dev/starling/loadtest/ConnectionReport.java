package dev.starling.loadtest;

import java.util.LinkedHashMap;
import java.util.Map;

/** What results say of a population. */
final class ConnectionReport {

    private ConnectionReport() {}

    static void add(Verdict verdict, Population population, long maxFailures) {
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
        verdict.most("failed connections", population.failed(), maxFailures);
        verdict.least("connections", population.readiedInAll(), population.size() - maxFailures);
    }
}
