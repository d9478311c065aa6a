package dev.starling.journey;

import java.io.IOException;
import java.io.UncheckedIOException;

/** Has a process run for a part of the time only, as on a machine that is too slow for it. */
final class SlowProcess implements AutoCloseable {

    private static final String SCRIPT =
            "while kill -STOP $0 2>/dev/null; do sleep $1; kill -CONT $0 || exit; sleep $2; done";

    private final Process script;

    private SlowProcess(Process script) {
        this.script = script;
    }

    /** Stops and continues it in turn: it runs for so many milliseconds of each 100. */
    static SlowProcess running(int millisOf100, ServerProcess server) {
        try {
            return new SlowProcess(new ProcessBuilder(
                            "bash",
                            "-c",
                            SCRIPT,
                            Long.toString(server.pid()),
                            seconds(100 - millisOf100),
                            seconds(millisOf100))
                    .start());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String seconds(int millis) {
        return "0." + String.format("%03d", millis);
    }

    /** The process may be left stopped. */
    @Override
    public void close() {
        script.destroyForcibly();
        script.onExit().join();
    }
}
