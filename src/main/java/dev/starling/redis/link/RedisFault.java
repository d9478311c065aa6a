package dev.starling.redis.link;

import dev.starling.protocol.ErrorCode;
import dev.starling.protocol.RefusedException;
import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.RedisCommandTimeoutException;
import io.lettuce.core.RedisException;
import io.lettuce.core.cluster.PartitionException;
import io.lettuce.core.protocol.RedisProtocolException;
import io.netty.handler.codec.DecoderException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.UnknownHostException;
import java.util.Locale;
import java.util.concurrent.CancellationException;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import org.slf4j.spi.LoggingEventBuilder;

/** Why Redis does not do what it should: a closed list for logs, health and metrics. */
public enum RedisFault {
    /** Nobody answers at that address. */
    UNREACHABLE("there is no connection to Redis"),
    /** The connection broke, or there is none at the moment. */
    DISCONNECTED("there is no connection to Redis"),
    /** No answer in time, to a command or a ping: hung, cut off or overloaded. */
    TIMEOUT("Redis gave no answer in time"),
    /** It took a message and did not deliver it. */
    NOT_DELIVERING("Redis does not deliver"),
    /** Wrong or missing user or password. */
    AUTH_REFUSED("Redis refuses this node"),
    /** The user may not do this, or not with these names. */
    NOT_PERMITTED("Redis refuses this node"),
    /** A replica, or a master that Sentinel has replaced, where the master was expected. */
    READ_ONLY("Redis is read-only"),
    /** Redis is at its memory limit. */
    OUT_OF_MEMORY("Redis is out of memory"),
    /** Redis takes no writes because it can't save, or has too few replicas. */
    NOT_PERSISTING("Redis can't save what it is given"),
    /** Redis has just started and reads its data. */
    LOADING("Redis is loading its data"),
    /** Redis runs a script that takes too long. */
    BUSY("Redis is busy with a script"),
    /** The Cluster does not serve all slots, or points elsewhere again and again. */
    CLUSTER_DOWN("the Redis Cluster can't serve this channel now"),
    /** It has not what is needed: 6.2 for classic, 7.0 for sharded pub/sub. */
    TOO_OLD("this Redis is too old"),
    /** What answers there does not speak Redis' protocol. */
    NOT_REDIS("what should be Redis does not answer as one"),
    /** The certificate, or the handshake, was refused. */
    TLS_REFUSED("what should be Redis does not answer as one"),
    /** More commands wait than may. */
    QUEUE_FULL("too many requests wait for Redis"),
    /** Anything else; the log has the exception. */
    OTHER("Redis has failed");

    private static final Pattern IN_SCRIPT = Pattern.compile("^ERR Error running script.*?: -([A-Z]+)[ :]");

    private final String text = name().toLowerCase(Locale.ROOT);
    private final String message;

    /** @param message for clients: no address, no user */
    RedisFault(String message) {
        this.message = message;
    }

    /** As in logs, health and metrics. */
    String text() {
        return text;
    }

    /** Adds the reason to a log line, and the exception only if that says more than the reason does. */
    LoggingEventBuilder in(LoggingEventBuilder event, @Nullable Throwable failure) {
        LoggingEventBuilder reasoned = event.addKeyValue("reason", text);
        if (failure == null) {
            return reasoned;
        }
        LoggingEventBuilder caused =
                reasoned.addKeyValue("cause", String.valueOf(root(failure).getMessage()));
        return this == OTHER ? caused.setCause(failure) : caused;
    }

    private static Throwable root(Throwable failure) {
        Throwable root = failure;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return root;
    }

    /** Whether Redis has answered the command, be it with an error: then the connection lives. */
    static boolean isAnswer(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof RedisCommandExecutionException) {
                return true;
            }
        }
        return false;
    }

    /**
     * Whether it is worth keeping the connection that a command failed on: Redis has answered, and a new connection would get
     * the same answer. Not so if it wants a login that this connection lacks, or is no master.
     */
    static boolean leavesConnectionUsable(Throwable failure) {
        RedisFault fault = of(failure);
        return isAnswer(failure) && fault != AUTH_REFUSED && fault != READ_ONLY;
    }

    /**
     * What a client is told of a failed command: a {@link RefusedException}, or the failure itself if it should not happen, as
     * a fault of ours or foreign data in our keys.
     */
    public static Throwable refusal(Throwable failure) {
        if (failure instanceof RefusedException) {
            return failure;
        }
        RedisFault fault = of(failure);
        return fault == OTHER ? failure : new RefusedException(ErrorCode.BROKER_UNAVAILABLE, fault.message);
    }

    /** Sorts a failure by its causes. */
    static RedisFault of(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            RedisFault fault = ofOne(cause);
            if (fault != OTHER) {
                return fault;
            }
        }
        // Lettuce has failed, not answered: whatever it says, the command did not get through.
        return failure instanceof RedisException && !(failure instanceof RedisCommandExecutionException)
                ? DISCONNECTED
                : OTHER;
    }

    private static RedisFault ofOne(Throwable failure) {
        if (failure instanceof RedisFaultException known) {
            return known.fault();
        }
        RedisFault answered = ofMessage(failure.getMessage());
        if (answered != OTHER) {
            return answered;
        }
        if (failure instanceof RedisCommandTimeoutException || failure instanceof TimeoutException) {
            return TIMEOUT;
        }
        if (failure instanceof RedisProtocolException
                || failure instanceof DecoderException
                || failure instanceof IndexOutOfBoundsException) {
            return NOT_REDIS;
        }
        if (failure instanceof SSLException) {
            return TLS_REFUSED;
        }
        if (failure instanceof ConnectException
                || failure instanceof UnknownHostException
                || failure instanceof NoRouteToHostException) {
            return UNREACHABLE;
        }
        if (failure instanceof PartitionException) {
            return CLUSTER_DOWN;
        }
        return failure instanceof IOException || failure instanceof CancellationException ? DISCONNECTED : OTHER;
    }

    /** An error of Redis begins with its code; one of a script of Redis 6 has it in the middle. */
    private static RedisFault ofMessage(@Nullable String message) {
        if (message == null) {
            return OTHER;
        }
        Matcher inScript = IN_SCRIPT.matcher(message);
        int space = message.indexOf(' ');
        return switch (inScript.find() ? inScript.group(1) : space < 0 ? message : message.substring(0, space)) {
            case "WRONGPASS", "NOAUTH" -> AUTH_REFUSED;
            case "NOPERM" -> NOT_PERMITTED;
            case "READONLY", "MASTERDOWN" -> READ_ONLY;
            case "OOM" -> OUT_OF_MEMORY;
            case "MISCONF", "NOREPLICAS" -> NOT_PERSISTING;
            case "LOADING" -> LOADING;
            case "BUSY" -> BUSY;
            case "CLUSTERDOWN", "MOVED", "ASK", "TRYAGAIN" -> CLUSTER_DOWN;
            case "ERR" -> ofPlainError(message);
            default -> ofLettuce(message);
        };
    }

    private static RedisFault ofPlainError(String message) {
        if (message.startsWith("ERR unknown command")) {
            return TOO_OLD;
        }
        boolean login = message.startsWith("ERR AUTH")
                || message.startsWith("ERR invalid password")
                || message.startsWith("ERR Client sent AUTH")
                || message.startsWith("ERR Protocol error: unauthenticated"); // to a long command
        return login ? AUTH_REFUSED : OTHER;
    }

    private static RedisFault ofLettuce(String message) {
        // Of three queues; all these messages end alike: commands are not accepted until the … size drops.
        if (message.endsWith("size drops.")) {
            return QUEUE_FULL;
        }
        if (message.startsWith("Currently not connected")
                || message.startsWith("Connection is closed")
                || message.startsWith("Connection disconnected")
                || message.startsWith("Connection closed")
                || message.startsWith("RedisHandshakeHandler not registered")) { // it broke while it was made
            return DISCONNECTED;
        }
        return message.contains("timed out after") ? TIMEOUT : OTHER;
    }
}
