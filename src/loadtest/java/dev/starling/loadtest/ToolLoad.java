package dev.starling.loadtest;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;

/**
 * How much this tool itself has worked so far: where it is as busy as it has event loops, it measures itself, not the server.
 *
 * @param cpuNanos processor time of all its threads
 * @param atNanos when that was
 */
record ToolLoad(long cpuNanos, long atNanos) {

    static ToolLoad now() {
        long cpuNanos = ManagementFactory.getOperatingSystemMXBean() instanceof OperatingSystemMXBean system
                ? system.getProcessCpuTime()
                : 0;
        return new ToolLoad(cpuNanos, System.nanoTime());
    }

    /** How many processors it has used on average since then. */
    double processorsSince(ToolLoad before) {
        return (double) (cpuNanos - before.cpuNanos) / Math.max(1, atNanos - before.atNanos);
    }
}
