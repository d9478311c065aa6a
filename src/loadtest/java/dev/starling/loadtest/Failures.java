package dev.starling.loadtest;

import java.net.BindException;
import java.net.ConnectException;
import java.util.Locale;
import java.util.Objects;

/** Names for what goes wrong with sockets: few, so that they can be counted. */
final class Failures {

    private Failures() {}

    static String reason(Throwable cause, boolean upgraded) {
        String text = Objects.requireNonNullElse(cause.getMessage(), "").toLowerCase(Locale.ROOT);
        if (cause instanceof BindException || text.contains("cannot assign requested address")) {
            return "no free port";
        }
        if (text.contains("too many open files")) {
            return "no free descriptor";
        }
        if (text.contains("timed out")) {
            return "connect timed out";
        }
        if (cause instanceof ConnectException || text.contains("connection refused")) {
            return "connection refused";
        }
        if (text.contains("reset") || text.contains("broken pipe")) {
            return upgraded ? "reset by the server" : "reset before the answer";
        }
        return cause.getClass().getSimpleName();
    }
}
