package dev.starling.protocol;

import org.jspecify.annotations.Nullable;

/**
 * One message on its way from a publisher to all subscribers of a channel.
 *
 * @param data one valid JSON value in UTF-8, as the publisher wrote it; shared, hence never changed
 * @param position its place in the history; null on a channel without history
 */
public record Publication(
        ChannelName channel, byte[] data, @Nullable StreamPosition position) implements Arrival {

    /** Whether the bytes from {@code start} on may be data: one JSON value in UTF-8, maybe with white space around it. */
    public static boolean isData(byte[] bytes, int start) {
        int end = JsonScan.value(bytes, JsonScan.space(bytes, start, bytes.length), bytes.length, JsonScan.MAX_DEPTH);
        return end > 0 && JsonScan.space(bytes, end, bytes.length) == bytes.length;
    }
}
