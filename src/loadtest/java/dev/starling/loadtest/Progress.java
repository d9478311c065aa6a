package dev.starling.loadtest;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** What is to be seen while it runs: one line that changes on a terminal; else one line per phase, for scripts. */
final class Progress {

    private static final long LOOK_NANOS = 5_000_000;
    private static final long SHOW_NANOS = 200_000_000;
    private static final String CLEAR = "\r\u001b[K";

    private final PrintStream out;
    private final boolean live;

    private Progress(PrintStream out, boolean live) {
        this.out = out;
        this.live = live;
    }

    /** Live if that is a terminal. */
    static Progress onStandardError() {
        return new Progress(System.err, isTerminal());
    }

    private static boolean isTerminal() {
        try {
            return Files.readSymbolicLink(Path.of("/proc/self/fd/2")).toString().matches("/dev/(pts/|tty).*");
        } catch (IOException | UnsupportedOperationException e) {
            return false;
        }
    }

    /** A phase has been reached. */
    void say(String line) {
        out.println(live ? CLEAR + line : line);
    }

    /** There is nothing more to be seen. */
    void end() {
        if (live) {
            out.print(CLEAR);
            out.flush();
        }
    }

    /** Waits until something is so, at most for a time, showing how it goes. Returns whether it is so. */
    boolean until(BooleanSupplier condition, Duration bound, Supplier<String> line) {
        long deadline = System.nanoTime() + bound.toNanos();
        long shown = 0;
        while (!condition.getAsBoolean()) {
            long now = System.nanoTime();
            if (now - deadline >= 0) {
                return condition.getAsBoolean();
            }
            if (live && now - shown > SHOW_NANOS) {
                shown = now;
                out.print(CLEAR + line.get());
                out.flush();
            }
            LockSupport.parkNanos(Math.min(LOOK_NANOS, deadline - now));
        }
        return true;
    }

    /** Lets time go by. */
    void hold(Duration time, Supplier<String> line) {
        until(() -> false, time, line);
    }
}
