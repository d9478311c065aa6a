package dev.starling.loadtest.client;

import java.net.BindException;
import java.net.ConnectException;
import java.util.Locale;
import java.util.Objects;

/**
 * How a connection ended.
 *
 * @param reason in few words, the same for the same kind: what endings are counted by
 * @param code the close code that the server sent; 0 if it sent none
 * @param retryAfterSeconds how long the server said to wait; 0 if it did not
 * @param asked whether this side wanted it
 */
public record Ending(String reason, int code, int retryAfterSeconds, boolean asked) {

    static Ending of(String reason) {
        return new Ending(reason, 0, 0, false);
    }

    /** Why a socket failed, in one of few reasons, so that they can be counted. */
    static Ending of(Throwable cause, boolean upgraded) {
        return of(reason(cause, upgraded));
    }

    static Ending closed(int code) {
        return new Ending("closed with " + code, code, 0, false);
    }

    static Ending refused(int status, int retryAfterSeconds) {
        return new Ending("HTTP " + status, 0, retryAfterSeconds, false);
    }

    /** Whether the protocol lets a client come back after it. */
    public boolean mayReturn() {
        boolean wrongToken = reason.equals("HTTP 401") || reason.equals("HTTP 403");
        boolean closedForGood = code >= 4500 || (code >= 1002 && code <= 1003) || (code >= 1007 && code <= 1009);
        return asked || (!wrongToken && !closedForGood && code != 1000);
    }

    Ending wanted() {
        return new Ending(reason, code, retryAfterSeconds, true);
    }

    private static String reason(Throwable cause, boolean upgraded) {
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
