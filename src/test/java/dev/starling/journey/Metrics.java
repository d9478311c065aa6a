package dev.starling.journey;

import java.util.Arrays;
import java.util.List;

/** One scrape, in the text format of Prometheus. */
record Metrics(String text) {

    /** All samples of one meter, labels and value included. */
    List<String> samples(String name) {
        return text.lines()
                .filter(line -> line.startsWith(name + "{") || line.startsWith(name + " "))
                .toList();
    }

    /** The sum of the samples of one meter that carry all these labels, each as {@code name="value"}; 0 if there is none. */
    double value(String name, String... labels) {
        return samples(name).stream()
                .filter(line -> Arrays.stream(labels).allMatch(line::contains))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                .sum();
    }
}
