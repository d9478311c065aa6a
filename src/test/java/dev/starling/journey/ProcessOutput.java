package dev.starling.journey;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.function.Predicate;

/** The lines that a process has written so far, standard error included. */
final class ProcessOutput {

    private final Process process;
    private final Inbox lines = new Inbox();

    /** Starts to read; {@code process} has its standard error joined to its standard output. */
    ProcessOutput(Process process) {
        this.process = process;
        Thread reader = new Thread(this::read, "output-" + process.pid());
        reader.setDaemon(true);
        reader.start();
    }

    List<String> lines() {
        return lines.all();
    }

    /** What there is, as one text. */
    String text() {
        return String.join("\n", lines());
    }

    /** The first line that matches, waiting up to {@code bound} for it. */
    String await(Predicate<String> wanted, Duration bound) {
        return lines.find(wanted, bound);
    }

    /** Waits until the process has closed its output, at most {@code bound}. */
    void awaitEnd(Duration bound) {
        lines.awaitEnd(bound);
    }

    private void read() {
        try (BufferedReader reader = process.inputReader(StandardCharsets.UTF_8)) {
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                lines.add(line);
            }
        } catch (IOException e) {
            // Closed from this side: who ends a process reads no more of it, though it may live for another moment.
        } finally {
            lines.end();
        }
    }
}
