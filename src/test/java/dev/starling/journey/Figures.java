package dev.starling.journey;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** What a proof has measured: a file in {@code target}, to which each run adds a line. */
final class Figures {

    private Figures() {}

    static void add(String file, String... columns) {
        try {
            Files.writeString(
                    Path.of("target", file),
                    String.join("\t", columns) + "\n",
                    StandardOpenOption.CREATE,
                    StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
