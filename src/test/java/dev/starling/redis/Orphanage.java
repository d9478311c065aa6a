package dev.starling.redis;

import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;

/**
 * Ends the servers of this JVM when it ends, even when it is killed: a shell of its own learns their process ids, and
 * kills what is left of them as soon as the pipe from this JVM closes.
 */
final class Orphanage {

    private static final String SCRIPT = """
            trap '' INT TERM HUP
            left=' '
            while read -r word pid; do
              case $word in
                born) left="$left$pid " ;;
                died) left="${left%% $pid *} ${left#* $pid }" ;;
              esac
            done
            for pid in $left; do kill -9 "$pid"; done
            """;

    private static final Orphanage INSTANCE = new Orphanage();

    private final BufferedWriter words;

    private Orphanage() {
        try {
            words = new ProcessBuilder("sh", "-c", SCRIPT)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start()
                    .outputWriter();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static void born(Process process) {
        INSTANCE.say("born", process);
    }

    static void died(Process process) {
        INSTANCE.say("died", process);
    }

    private synchronized void say(String word, Process process) {
        try {
            words.write(word + " " + process.pid() + "\n");
            words.flush();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
