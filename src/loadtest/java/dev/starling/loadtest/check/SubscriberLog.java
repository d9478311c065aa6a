package dev.starling.loadtest.check;

import dev.starling.protocol.StreamPosition;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What one client got, in the order in which it got it: one thread at a time, and one connection at a time.
 */
public final class SubscriberLog {

    private final String name;
    private final Function<String, ChannelLog> channels;
    private final Tally tally;
    private final Map<String, Reading> readings = new ConcurrentHashMap<>();

    SubscriberLog(String name, Function<String, ChannelLog> channels, Tally tally) {
        this.name = name;
        this.channels = channels;
        this.tally = tally;
    }

    /**
     * A {@code subscribed} frame: an answer, or the word that the history is another one.
     *
     * @param position what the frame says; null in channels without history
     * @param recovered what the frame says; null if it does not say
     */
    public void subscribed(String channel, @Nullable StreamPosition position, @Nullable Boolean recovered) {
        reading(channel).subscribed(position, recovered);
    }

    /**
     * A {@code message} frame.
     *
     * @param offset what the frame says; 0 if it says nothing
     */
    public void message(String channel, long offset, int publisher, int sequence) {
        reading(channel).message(offset, MessageId.of(publisher, sequence));
    }

    /**
     * A {@code message} frame that can't be of this run.
     *
     * @param detail what is wrong with it
     */
    public void strange(String channel, String detail) {
        tally.delivered.increment();
        tally.fault(DeliveryFault.Kind.STRANGE, channel, name, detail);
    }

    /** A {@code gap} frame: these offsets, both included, will not come by themselves. */
    public void gap(String channel, long from, long to) {
        reading(channel).gap(from, to);
    }

    /**
     * The {@code unsubscribed} frame, or the client comes back without asking for what it missed: what comes next is a new
     * subscription, to which nothing of the past is owed.
     */
    public void unsubscribed(String channel) {
        reading(channel).unsubscribed();
    }

    /** The connection has ended, and with it all subscriptions. */
    public void disconnected() {
        readings.values().forEach(Reading::disconnected);
    }

    /** Where the client can ask to be recovered from; null if it never was anywhere. */
    public @Nullable StreamPosition position(String channel) {
        return reading(channel).position();
    }

    Stream<BooleanSupplier> goals() {
        return readings.values().stream().map(Reading::goal);
    }

    long outstanding() {
        return readings.values().stream().mapToLong(Reading::outstanding).sum();
    }

    long missing() {
        return readings.values().stream().mapToLong(Reading::missing).sum();
    }

    void audit(Tally all) {
        readings.values().forEach(reading -> reading.audit(all));
    }

    private Reading reading(String channel) {
        return readings.computeIfAbsent(channel, key -> new Reading(name, channels.apply(key), tally));
    }
}
