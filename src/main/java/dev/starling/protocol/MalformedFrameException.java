package dev.starling.protocol;

import org.jspecify.annotations.Nullable;

/**
 * A client's frame breaks the protocol; the connection lives, and the client is told with an {@link ServerFrame.Failure}.
 * The message is for people and is safe to show: of the client's own text it holds at most a short excerpt of printable
 * ASCII. It is the client's fault and may happen at any rate, hence there is no stack trace.
 */
public final class MalformedFrameException extends Exception {

    private final ErrorCode code;
    private final @Nullable RequestId id;
    private final @Nullable ChannelName channel;

    MalformedFrameException(ErrorCode code, String message) {
        this(code, message, null, null);
    }

    private MalformedFrameException(
            ErrorCode code, String message, @Nullable RequestId id, @Nullable ChannelName channel) {
        super(message, null, false, false);
        this.code = code;
        this.id = id;
        this.channel = channel;
    }

    /** The same fault, with what is known of the frame that has it. */
    MalformedFrameException in(@Nullable RequestId id, @Nullable ChannelName channel) {
        return new MalformedFrameException(code, message(), id, channel);
    }

    /** Malformed, unknown type, invalid channel or too large. */
    public ErrorCode code() {
        return code;
    }

    /** What is wrong, in a sentence for people. */
    public String message() {
        return String.valueOf(getMessage());
    }

    /** The request's id, as far as the frame could be read. */
    public @Nullable RequestId id() {
        return id;
    }

    /** The channel that the frame names, as far as it could be read and is valid. */
    public @Nullable ChannelName channel() {
        return channel;
    }
}
