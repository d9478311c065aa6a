package dev.starling.channel;

import dev.starling.broker.Broker;
import dev.starling.broker.HistoryPage;
import dev.starling.protocol.ChannelName;
import dev.starling.protocol.ErrorCode;
import dev.starling.protocol.RefusedException;
import dev.starling.protocol.StreamPosition;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import reactor.core.publisher.Mono;

/** What was said in the channels that keep it. Any thread may ask. */
@Component
public final class ChannelHistory {

    private final Broker broker;

    ChannelHistory(Broker broker) {
        this.broker = broker;
    }

    /** Whether the messages of this channel have positions, and can be asked for later. */
    public boolean isKept(ChannelName channel) {
        return broker.keepsHistory(channel);
    }

    /**
     * Messages of the past, from the first after {@code since} that is left. Fails with
     * {@link ErrorCode#UNRECOVERABLE_POSITION} if the channel keeps no history, or has lost the message at {@code since};
     * else with {@link ErrorCode#BROKER_UNAVAILABLE}.
     *
     * @param limit the most messages, from 0
     * @param maxBytes the most bytes of data, but one message in any case
     */
    public Mono<PastMessages> after(ChannelName channel, @Nullable StreamPosition since, int limit, long maxBytes) {
        return isKept(channel)
                ? broker.history(channel, since, limit, maxBytes)
                        .map(page -> messages(page, page.holds(since)).within(maxBytes))
                : none();
    }

    /** The same backwards: the last messages before {@code before}, or the newest ones if that is null; they, too, oldest first. */
    public Mono<PastMessages> before(ChannelName channel, @Nullable StreamPosition before, int limit, long maxBytes) {
        return isKept(channel)
                ? broker.historyBefore(channel, before, limit, maxBytes)
                        .map(page -> messages(page, holdsBefore(page, before)).withinFromTheEnd(maxBytes))
                : none();
    }

    /** What is before a position holds if the one before it does; one past the top is a way to ask for the newest. */
    private static boolean holdsBefore(HistoryPage page, @Nullable StreamPosition before) {
        return before == null || before.epoch().equals(page.top().epoch()) || before.offset() - 1 <= page.kept();
    }

    private static PastMessages messages(HistoryPage page, boolean holds) {
        if (!holds) {
            throw new RefusedException(ErrorCode.UNRECOVERABLE_POSITION, "the history of this epoch is gone");
        }
        return new PastMessages(page.top(), page.publications());
    }

    /** That there is nothing to be read. */
    static <T> Mono<T> none() {
        return Mono.error(
                () -> new RefusedException(ErrorCode.UNRECOVERABLE_POSITION, "this channel keeps no history"));
    }
}
