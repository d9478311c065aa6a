package dev.starling.protocol;

import org.jspecify.annotations.Nullable;

/** One message of a batch. */
public sealed interface BatchEntry {

    /** One to be published. */
    record Message(ClientFrame.Publish publish) implements BatchEntry {}

    /**
     * One that can't be read.
     *
     * @param code what the client is told
     * @param message the same for people; shows nothing that the client may not know
     * @param channel where it was to be published, as far as that could be read
     */
    record Faulty(ErrorCode code, String message, @Nullable ChannelName channel) implements BatchEntry {

        static Faulty of(MalformedFrameException fault) {
            return new Faulty(fault.code(), fault.message(), fault.channel());
        }
    }
}
