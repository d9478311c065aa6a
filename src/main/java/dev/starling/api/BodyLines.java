package dev.starling.api;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;

/** Cuts what comes in pieces into lines. For one thread at a time. */
final class BodyLines {

    /** Stands for a line that is too long, by its identity; nothing follows it. */
    static final byte[] TOO_LONG = {};

    private final int maxBytes;
    private final ByteArrayOutputStream begun = new ByteArrayOutputStream();
    private boolean isTooLong;

    BodyLines(int maxBytes) {
        this.maxBytes = maxBytes;
    }

    /** The lines that end in this piece, or {@link #TOO_LONG} as the last as soon as one has too many bytes. */
    List<byte[]> add(byte[] piece) {
        List<byte[]> lines = new ArrayList<>();
        int start = 0;
        for (int i = 0; i < piece.length && !isTooLong; i++) {
            if (piece[i] == '\n') {
                append(piece, start, i, lines);
                finish(lines);
                start = i + 1;
            }
        }
        append(piece, start, piece.length, lines);
        return lines;
    }

    /** What came last, if it did not end. */
    List<byte[]> end() {
        List<byte[]> lines = new ArrayList<>(1);
        finish(lines);
        return lines;
    }

    private void append(byte[] piece, int start, int end, List<byte[]> lines) {
        if (isTooLong) {
            return;
        }
        if (begun.size() + end - start > maxBytes) {
            isTooLong = true;
            begun.reset();
            lines.add(TOO_LONG);
        } else {
            begun.write(piece, start, end - start);
        }
    }

    private void finish(List<byte[]> lines) {
        if (!isBlank()) {
            lines.add(begun.toByteArray());
        }
        begun.reset();
    }

    private boolean isBlank() {
        return begun.size() == 0
                || begun.toString(java.nio.charset.StandardCharsets.ISO_8859_1).isBlank();
    }
}
