package dev.starling.api;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;

/** Cuts what comes in pieces into lines. For one thread at a time. */
final class BodyLines {

    /** Stands for a line that is too long, by its identity. */
    static final byte[] TOO_LONG = {};

    private final int maxBytes;
    private final ByteArrayOutputStream begun = new ByteArrayOutputStream();
    private boolean isTooLong;

    BodyLines(int maxBytes) {
        this.maxBytes = maxBytes;
    }

    /** The lines that end in this piece. */
    List<byte[]> add(byte[] piece) {
        List<byte[]> lines = new ArrayList<>();
        int start = 0;
        for (int i = 0; i < piece.length; i++) {
            if (piece[i] == '\n') {
                append(piece, start, i);
                finish(lines);
                start = i + 1;
            }
        }
        append(piece, start, piece.length);
        return lines;
    }

    /** What came last, if it did not end. */
    List<byte[]> end() {
        List<byte[]> lines = new ArrayList<>(1);
        finish(lines);
        return lines;
    }

    private void append(byte[] piece, int start, int end) {
        if (isTooLong || begun.size() + end - start > maxBytes) {
            isTooLong = true;
            begun.reset();
        } else {
            begun.write(piece, start, end - start);
        }
    }

    private void finish(List<byte[]> lines) {
        if (isTooLong) {
            lines.add(TOO_LONG);
        } else if (!isBlank()) {
            lines.add(begun.toByteArray());
        }
        isTooLong = false;
        begun.reset();
    }

    private boolean isBlank() {
        return begun.size() == 0
                || begun.toString(java.nio.charset.StandardCharsets.ISO_8859_1).isBlank();
    }
}
