package dev.starling.loadtest.check;

import dev.starling.protocol.StreamPosition;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ConcurrentMap;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Proves from what publishers sent and subscribers got that the server kept its promises. In channels with history: no
 * loss, no repetition, one order, and every loss told. In channels without: no repetition, the order of each publisher,
 * and a count of what was lost.
 *
 * <p>A message is named by its publisher, from 0, and a sequence number, from 1 without holes for each publisher and
 * channel; it is up to the run to carry both in the data. A message that is sent again with the same idempotency key keeps
 * its number. Only the checked run may publish in its channels.
 *
 * <p>All methods may be called by any thread at any time, and do not wait for more than one another. Memory: about 8 bytes
 * per message of a channel with history, however many subscribers it has; one bit per message and subscriber without.
 */
public final class DeliveryChecker {

    private final Tally tally = new Tally();
    private final ConcurrentMap<String, ChannelLog> channels = new ConcurrentHashMap<>();
    private final Queue<SubscriberLog> subscribers = new ConcurrentLinkedQueue<>();

    /**
     * A publisher is about to send a message, maybe again. To be called before it does, else a fast subscriber gets what
     * nobody sent.
     *
     * @throws IllegalArgumentException if a number is left out
     */
    public void sent(String channel, int publisher, int sequence) {
        channel(channel).sent(publisher, sequence);
    }

    /**
     * The server has acknowledged a message.
     *
     * @param position the position that it named; null if it named none
     */
    public void acknowledged(String channel, int publisher, int sequence, @Nullable StreamPosition position) {
        channel(channel).acknowledged(publisher, sequence, position);
    }

    /**
     * A new subscriber: one client, through all its connections.
     *
     * @param name what faults call it
     */
    public SubscriberLog subscriber(String name) {
        SubscriberLog subscriber = new SubscriberLog(name, this::channel, tally);
        subscribers.add(subscriber);
        return subscriber;
    }

    /**
     * How many messages of channels with history connected subscribers have still to get; one that sits in a replaced
     * history counts as one. To be waited for before {@link #report}.
     */
    public long outstanding() {
        return subscribers.stream().mapToLong(SubscriberLog::outstanding).sum();
    }

    /**
     * How many acknowledged messages of channels without history connected subscribers have not got, yet or for ever. To be
     * waited for, for a while, before {@link #report}: an acknowledgement may overtake the message.
     */
    public long missing() {
        return subscribers.stream().mapToLong(SubscriberLog::missing).sum();
    }

    /**
     * Whether all subscribers have got what their channels with history have at this moment, or were told that they will not.
     * To be asked later, again and again, by one thread: what is published meanwhile does not put it off.
     */
    public BooleanSupplier caughtUp() {
        List<BooleanSupplier> open =
                subscribers.stream().flatMap(SubscriberLog::goals).collect(Collectors.toCollection(ArrayList::new));
        return () -> {
            open.removeIf(BooleanSupplier::getAsBoolean);
            return open.isEmpty();
        };
    }

    /** What has been found. What connected subscribers have not got by now counts as lost. */
    public DeliveryReport report() {
        Tally all = tally.copy();
        channels.forEach((name, channel) -> channel.audit(all));
        subscribers.forEach(subscriber -> subscriber.audit(all));
        List<DeliveryFault> faults = new ArrayList<>(all.faults());
        return new DeliveryReport(
                all.sent.sum(),
                all.acknowledged.sum(),
                all.delivered.sum(),
                all.toldLost.sum(),
                all.lostWithoutHistory.sum(),
                all.recoveries.sum(),
                all.refusals.sum(),
                all.restarts.sum(),
                all.rewritten.sum(),
                all.faultCount(),
                faults);
    }

    private ChannelLog channel(String name) {
        return channels.computeIfAbsent(name, key -> new ChannelLog(key, tally));
    }
}
