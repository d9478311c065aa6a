package dev.starling.channel;

import dev.starling.setting.Range;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * How much may wait between the broker and the event loops. From half of either on, publishers of this node are refused
 * with 109; past it, messages are dropped and counted as {@code ws_fanout_dropped_total}.
 *
 * @param maxQueuedMessages Messages waiting per event loop, a power of two from 512 to 1048576. From half of it on, a
 *     publish on this node is refused with error 109; beyond it, messages are dropped and counted.
 * @param maxQueuedBytes Bytes of messages waiting per event loop, 1MB to 16GB. Works like
 *     {@code max-queued-messages}.
 */
@ConfigurationProperties("starling.fanout")
record ChannelProperties(
        @DefaultValue("65536") int maxQueuedMessages,
        @DefaultValue("128MB") DataSize maxQueuedBytes) {

    ChannelProperties {
        Range.powerOfTwo("starling.fanout.max-queued-messages", maxQueuedMessages, 512, 1 << 20);
        Range.of("starling.fanout.max-queued-bytes", maxQueuedBytes, DataSize.ofMegabytes(1), DataSize.ofGigabytes(16));
    }
}
