package dev.starling.broker;

import dev.starling.protocol.ErrorCode;
import dev.starling.protocol.RefusedException;
import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.RedisCommandTimeoutException;
import io.lettuce.core.RedisException;
import io.lettuce.core.cluster.PartitionException;
import java.io.IOException;
import java.util.Locale;
import java.util.concurrent.CancellationException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Why Redis did not do what it was asked, where that is a matter of its state and not a fault of ours. */
enum RedisFailure {
    READ_ONLY("Redis is read-only"),
    OUT_OF_MEMORY("Redis is out of memory"),
    NOT_PERSISTING("Redis can't write to its disk"),
    NO_REPLICAS("Redis has too few replicas"),
    REFUSED_AUTH("Redis refuses this node"),
    LOADING("Redis is loading its data"),
    BUSY("Redis is busy with a script"),
    CLUSTER_DOWN("the Redis Cluster can't serve this channel now"),
    TOO_OLD("this Redis is too old"),
    QUEUE_FULL("too many requests wait for Redis"),
    TIMEOUT("Redis gave no answer in time"),
    DISCONNECTED("Redis is not connected");

    /** A Redis before 7 wraps what a command of a script was answered in an ERR of its own. */
    private static final Pattern WITHIN_SCRIPT = Pattern.compile("^ERR Error running script.*?: -([A-Z]+)[ :]");

    private final String text;

    RedisFailure(String text) {
        this.text = text;
    }

    /** The name in metrics and logs, such as {@code read_only}. */
    String tag() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** In a few words for anybody. */
    String text() {
        return text;
    }

    /** What it was; null for anything that should not happen: a fault of ours, or somebody else's data in our keys. */
    static @Nullable RedisFailure of(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof RedisCommandExecutionException) {
                RedisFailure answered = ofAnswer(String.valueOf(cause.getMessage()));
                if (answered != null || cause == failure) {
                    return answered;
                }
            }
        }
        if (failure instanceof RedisCommandTimeoutException) {
            return TIMEOUT;
        }
        if (failure instanceof PartitionException) {
            return CLUSTER_DOWN;
        }
        if (failure instanceof RedisException
                && String.valueOf(failure.getMessage()).contains("size exceeded")) {
            return QUEUE_FULL;
        }
        boolean link = failure instanceof RedisException
                || failure instanceof IOException
                || failure instanceof CancellationException;
        return link ? DISCONNECTED : null;
    }

    private static @Nullable RedisFailure ofAnswer(String message) {
        Matcher within = WITHIN_SCRIPT.matcher(message);
        int space = message.indexOf(' ');
        String word = within.find() ? within.group(1) : space < 0 ? message : message.substring(0, space);
        return switch (word) {
            case "READONLY" -> READ_ONLY;
            case "OOM" -> OUT_OF_MEMORY;
            case "MISCONF" -> NOT_PERSISTING;
            case "NOREPLICAS" -> NO_REPLICAS;
            case "NOAUTH", "WRONGPASS", "NOPERM" -> REFUSED_AUTH;
            case "LOADING", "MASTERDOWN" -> LOADING;
            case "BUSY" -> BUSY;
            case "CLUSTERDOWN", "TRYAGAIN", "MOVED", "ASK" -> CLUSTER_DOWN;
            case "ERR" -> message.contains("unknown command") ? TOO_OLD : null;
            default -> null;
        };
    }

    /** The same as an answer to who asked, or as it was if it should not happen. */
    static Throwable refusal(Throwable failure) {
        RedisFailure reason = of(failure);
        return reason == null ? failure : new RefusedException(ErrorCode.BROKER_UNAVAILABLE, reason.text);
    }
}
