package dev.starling.loadtest;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.HdrHistogram.Histogram;
import tools.jackson.databind.json.JsonMapper;

/** What a scenario has found, in order: the same for people as a table and for machines as JSON. Not thread-safe. */
final class Result {

    private final Map<String, Object> values = new LinkedHashMap<>();

    Result(String scenario) {
        values.put("scenario", scenario);
    }

    /** Doubles are rounded to three places. */
    Result put(String key, Object value) {
        values.put(key, value instanceof Double number ? rounded(number) : value);
        return this;
    }

    /** A distribution of times, in milliseconds; nothing if there were none. */
    Result times(String key, Histogram nanos) {
        if (nanos.getTotalCount() > 0) {
            values.put(key, percentiles(nanos));
        }
        return this;
    }

    static Map<String, Object> percentiles(Histogram nanos) {
        Map<String, Object> times = new LinkedHashMap<>();
        times.put("count", nanos.getTotalCount());
        times.put("mean", millis(nanos.getMean()));
        times.put("p50", millis(nanos.getValueAtPercentile(50)));
        times.put("p90", millis(nanos.getValueAtPercentile(90)));
        times.put("p95", millis(nanos.getValueAtPercentile(95)));
        times.put("p99", millis(nanos.getValueAtPercentile(99)));
        times.put("p999", millis(nanos.getValueAtPercentile(99.9)));
        times.put("max", millis(nanos.getMaxValue()));
        return times;
    }

    static double millis(double nanos) {
        return rounded(nanos / 1e6);
    }

    static double millis(long nanos) {
        return millis((double) nanos);
    }

    static double rounded(double value) {
        return Math.round(value * 1000) / 1000.0;
    }

    String json() {
        return JsonMapper.shared().writeValueAsString(values);
    }

    String table() {
        StringBuilder table = new StringBuilder();
        values.forEach((key, value) -> row(table, key, value));
        return table.toString();
    }

    private static void row(StringBuilder table, String key, Object value) {
        if (value instanceof Map<?, ?> map) {
            StringBuilder line = new StringBuilder();
            map.forEach((name, part) -> line.append(line.isEmpty() ? "" : "  ")
                    .append(name)
                    .append(' ')
                    .append(text(part)));
            row(table, key, line.isEmpty() ? "-" : line.toString());
        } else {
            table.append(String.format(Locale.ROOT, "%-26s %s%n", key, text(value)));
        }
    }

    private static String text(Object value) {
        if (value instanceof Collection<?> list) {
            return list.isEmpty() ? "-" : list.stream().map(String::valueOf).collect(Collectors.joining("; "));
        }
        return value instanceof Long || value instanceof Integer
                ? String.format(Locale.ROOT, "%,d", ((Number) value).longValue())
                : String.valueOf(value);
    }
}
