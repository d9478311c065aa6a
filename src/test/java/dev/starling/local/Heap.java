package dev.starling.local;

import java.lang.management.ManagementFactory;
import java.lang.ref.Reference;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.management.JMException;
import javax.management.ObjectName;

/**
 * The live objects of this process, after a full collection, by class.
 *
 * @param classes without the filler that some collectors put into holes
 */
record Heap(Map<String, Objects> classes) {

    private static final Pattern LINE = Pattern.compile("\\s*\\d+:\\s+(\\d+)\\s+(\\d+)\\s+(\\S+).*");
    private static final String FILLER = "jdk.internal.vm.Filler";

    /** Objects of one class. */
    record Objects(long count, long bytes) {
        static final Objects NONE = new Objects(0, 0);
    }

    static Heap live() {
        try {
            Object text = ManagementFactory.getPlatformMBeanServer()
                    .invoke(
                            new ObjectName("com.sun.management:type=DiagnosticCommand"),
                            "gcClassHistogram",
                            new Object[] {new String[0]},
                            new String[] {String[].class.getName()});
            return parse(String.valueOf(text));
        } catch (JMException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The same, to compare with: this very list of classes, which is an object, too, is no difference later. */
    static Heap baseline() {
        Heap inItsPlace = live();
        try {
            return live();
        } finally {
            Reference.reachabilityFence(inItsPlace);
        }
    }

    private static Heap parse(String histogram) {
        Map<String, Objects> classes = new HashMap<>();
        histogram.lines().map(LINE::matcher).filter(Matcher::matches).forEach(line -> {
            Objects objects = new Objects(Long.parseLong(line.group(1)), Long.parseLong(line.group(2)));
            if (!line.group(3).startsWith(FILLER)) {
                classes.merge(line.group(3), objects, (a, b) -> new Objects(a.count + b.count, a.bytes + b.bytes));
            }
        });
        return new Heap(classes);
    }

    /** What has come since then. */
    Heap since(Heap before) {
        Map<String, Objects> more = new HashMap<>(classes);
        before.classes.forEach((name, old) -> more.merge(
                name,
                new Objects(-old.count, -old.bytes),
                (a, b) -> new Objects(a.count + b.count, a.bytes + b.bytes)));
        return new Heap(more);
    }

    long bytes() {
        return classes.values().stream().mapToLong(Objects::bytes).sum();
    }

    /** The bytes of these classes only. */
    long bytes(Collection<String> names) {
        return names.stream().mapToLong(name -> of(name).bytes()).sum();
    }

    Objects of(String name) {
        return classes.getOrDefault(name, Objects.NONE);
    }

    /** The classes with the most bytes, shared out among so many. */
    List<String> top(int rows, long among) {
        return classes.entrySet().stream()
                .sorted(Comparator.comparingLong(entry -> -entry.getValue().bytes()))
                .limit(rows)
                .map(entry -> "%8.1f B %6.2f  %s"
                        .formatted(
                                (double) entry.getValue().bytes() / among,
                                (double) entry.getValue().count() / among,
                                entry.getKey()))
                .toList();
    }
}
