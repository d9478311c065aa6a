package dev.starling.loadtest.probe;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What the processes of the server use, as the kernel and their JVMs account for it; and this tool's own processor time, for
 * where it is as busy as it has event loops, it measures itself.
 */
public final class ServerProbe {

    private static final double MICROS_PER_TICK = 10_000;

    /**
     * One look at all processes together.
     *
     * @param nanos when that was
     * @param toolNanos processor time so far of this tool
     * @param cpuMicros processor time so far of all threads, those that have ended included; asked before the collection
     * @param rssBytes resident memory
     * @param liveHeapBytes what lives after a full collection; -1 if not asked for
     */
    public record Look(long nanos, long toolNanos, double cpuMicros, long rssBytes, long liveHeapBytes) {

        /** How long after {@code before} it was. */
        public double secondsSince(Look before) {
            return (nanos - before.nanos) / 1e9;
        }

        /** How many processors this tool has used on average since then. */
        public double toolProcessorsSince(Look before) {
            return (double) (toolNanos - before.toolNanos) / Math.max(1, nanos - before.nanos);
        }
    }

    private final List<Long> pids;
    private final boolean liveHeap;

    /** @param liveHeap whether a JVM is to be made to collect, which takes it a while, for its live heap */
    public ServerProbe(List<Long> pids, boolean liveHeap) {
        this.pids = List.copyOf(pids);
        this.liveHeap = liveHeap;
    }

    public boolean isBlind() {
        return pids.isEmpty();
    }

    /** Processor time and resident memory: cheap. */
    public Look look() {
        return look(false);
    }

    /** The live heap as well, if it was asked for. */
    public Look lookDeep() {
        return look(liveHeap);
    }

    private Look look(boolean deep) {
        long nanos = System.nanoTime();
        long toolNanos = ManagementFactory.getOperatingSystemMXBean() instanceof OperatingSystemMXBean system
                ? system.getProcessCpuTime()
                : 0;
        double cpu = 0;
        long rss = 0;
        long heap = deep && !isBlind() ? 0 : -1;
        for (long pid : pids) {
            cpu += cpuMicros(pid);
            heap += deep ? liveHeapBytes(pid) : 0;
            rss += rssBytes(pid);
        }
        return new Look(nanos, toolNanos, cpu, rss, heap);
    }

    /** What each more of {@code count} things took in memory between two looks. */
    public static Map<String, Object> memory(Look before, Look after, long count) {
        Map<String, Object> memory = new LinkedHashMap<>();
        memory.put("rssBytesBefore", before.rssBytes());
        memory.put("rssBytesAfter", after.rssBytes());
        memory.put("rssBytesPerConnection", count == 0 ? 0 : (after.rssBytes() - before.rssBytes()) / count);
        if (before.liveHeapBytes() >= 0 && after.liveHeapBytes() >= 0) {
            memory.put("liveHeapBytesBefore", before.liveHeapBytes());
            memory.put("liveHeapBytesAfter", after.liveHeapBytes());
            memory.put(
                    "liveHeapBytesPerConnection",
                    count == 0 ? 0 : (after.liveHeapBytes() - before.liveHeapBytes()) / count);
        }
        return memory;
    }

    private static double cpuMicros(long pid) {
        String stat = read(pid, "stat");
        // The name before it, in brackets, may have blanks.
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
        return (Long.parseLong(fields[11]) + Long.parseLong(fields[12])) * MICROS_PER_TICK;
    }

    private static long rssBytes(long pid) {
        return read(pid, "status")
                .lines()
                .filter(line -> line.startsWith("VmRSS:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) * 1024)
                .findFirst()
                .orElse(0);
    }

    private static long liveHeapBytes(long pid) {
        try {
            Process jcmd = new ProcessBuilder(jcmd(), Long.toString(pid), "GC.class_histogram")
                    .redirectErrorStream(true)
                    .start();
            return totalBytes(new String(jcmd.getInputStream().readAllBytes(), StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new IllegalArgumentException("--live-heap needs the JDK's jcmd: " + e.getMessage(), e);
        }
    }

    /** Of the last line of a histogram: {@code Total 123 4567}. */
    static long totalBytes(String histogram) {
        return histogram
                .lines()
                .filter(line -> line.startsWith("Total"))
                .map(line -> line.trim().split("\\s+", -1))
                .filter(columns -> columns.length == 3)
                .mapToLong(columns -> Long.parseLong(columns[2]))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("--live-heap: no histogram from jcmd: " + histogram));
    }

    private static String jcmd() {
        Path own = Path.of(System.getProperty("java.home"), "bin", "jcmd");
        return Files.isExecutable(own) ? own.toString() : "jcmd";
    }

    private static String read(long pid, String file) {
        try {
            return Files.readString(Path.of("/proc", Long.toString(pid), file));
        } catch (IOException e) {
            throw new GoneException(pid);
        }
    }

    /** A process of the server that was watched is no more. */
    public static final class GoneException extends RuntimeException {

        GoneException(long pid) {
            super("the process " + pid + " of --pid has ended");
        }
    }
}
