package dev.starling.channel;

import dev.starling.broker.HistoryPage;
import dev.starling.protocol.EncodedMessage;
import dev.starling.protocol.Publication;
import dev.starling.protocol.ServerFrame;
import dev.starling.protocol.StreamPosition;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * One subscription that starts in the past: keeps what comes while the history is read, and puts both together without a
 * hole and without anything twice. All or nothing: who cannot get everything gets nothing of the past, and is told so. Owned
 * by the receiver's event loop.
 */
final class Recovery implements Receiver {

    private final StreamPosition since;
    private final RecoveryProperties limits;
    private final ChannelMetrics metrics;
    private final List<EncodedMessage> live = new ArrayList<>(0);
    private long liveBytes;

    /** Of {@link #live}, those that say who comes and goes, which the limits on messages do not count. */
    private int presence;

    private long presenceBytes;

    /** Where the receiver is if it gets only what is live, as soon as that is not where the subscription began. */
    private @Nullable StreamPosition anew;

    /** Whether {@link #anew} is another epoch, or so far that nothing could be put together any more. */
    private boolean isLost;

    /** @param since what the receiver has already */
    Recovery(StreamPosition since, RecoveryProperties limits, ChannelMetrics metrics) {
        this.since = since;
        this.limits = limits;
        this.metrics = metrics;
    }

    @Override
    public void receive(MessageBatch batch) {
        for (int i = 0; i < batch.count(); i++) {
            keep(batch.message(i), batch.position(i));
        }
    }

    private void keep(EncodedMessage message, @Nullable StreamPosition after) {
        if (message.event() instanceof ServerFrame.Subscribed restart && !Boolean.TRUE.equals(restart.recovered())) {
            giveUp(after); // the channel has begun anew, so that the past is of no use
        } else if (isPresence(message)) {
            keepPresence(message);
        } else if (live.size() - presence >= limits.maxMessages()
                || liveBytes + message.size() > limits.maxBytes().toBytes()) {
            giveUp(after);
        } else {
            live.add(message.retain());
            liveBytes += message.size();
        }
    }

    /** As many again as messages, and no more: the past is worth more than who came and went meanwhile. */
    private void keepPresence(EncodedMessage frame) {
        if (presence >= limits.maxMessages()
                || presenceBytes + frame.size() > limits.maxBytes().toBytes()) {
            metrics.dropped();
            return;
        }
        live.add(frame.retain());
        presence++;
        presenceBytes += frame.size();
    }

    private static boolean isPresence(EncodedMessage frame) {
        return frame.event() instanceof ServerFrame.Join || frame.event() instanceof ServerFrame.Leave;
    }

    private void giveUp(@Nullable StreamPosition after) {
        isLost = true;
        anew = after;
        clear();
    }

    /** Lets go of what was kept. */
    void clear() {
        live.forEach(EncodedMessage::release);
        live.clear();
        liveBytes = 0;
        presence = 0;
        presenceBytes = 0;
    }

    /** The result without a history, if it is not needed: nothing was missed, or it is the history of another life. */
    @Nullable
    Recovered atOnce(ChannelSubscription subscription, StreamPosition start) {
        if (start.equals(since)) {
            return new Recovered(subscription, since, true, List.of(), List.of());
        }
        return start.isSameLife(since) ? null : unrecovered(subscription, start);
    }

    /** Whether a history was read too early: before the subscription stood. */
    static boolean isStale(HistoryPage page, StreamPosition start) {
        return page.top().isSameLife(start) && page.top().offset() < start.offset();
    }

    /** The result with the history from after the position that was asked for; what was kept is the caller's now. */
    Recovered finish(ChannelSubscription subscription, StreamPosition start, HistoryPage page) {
        StreamPosition top = page.top();
        boolean isNews = isNews(start, top);
        String ended = isNews ? ended(start) : null;
        boolean isUnclear = isNews && ended == null;
        if (isLost
                || isStale(page, start)
                || !isWhole(page)
                || live.stream().anyMatch(frame -> isBehind(frame, top) || (isUnclear && isBeyond(frame, top)))) {
            if (isBehindItsOwn(start, top)) {
                drop(frame -> isIn(frame, top) || (ended != null && isBeyond(frame, top)));
                anew = top;
                subscription.skipTo(top, ended);
            }
            return unrecovered(subscription, start);
        }
        List<EncodedMessage> rest = new ArrayList<>(live.size());
        if (top.offset() <= page.kept() && !top.epoch().equals(since.epoch())) {
            rest.add(goesOn(subscription, top));
        }
        drop(frame -> isIn(frame, top) || (ended != null && isBeyond(frame, top)));
        rest.addAll(live);
        live.clear();
        subscription.skipTo(top, ended);
        return new Recovered(subscription, since, true, ofTheirEpochs(page), rest);
    }

    private void drop(Predicate<EncodedMessage> which) {
        live.removeIf(frame -> {
            boolean isDropped = which.test(frame);
            if (isDropped) {
                frame.release();
            }
            return isDropped;
        });
    }

    /** Whether the history is in an epoch of which nothing was heard yet. */
    private boolean isNews(StreamPosition start, StreamPosition top) {
        String here = (anew == null ? start : anew).epoch();
        return !top.epoch().equals(since.epoch())
                && !top.epoch().equals(here)
                && live.stream().noneMatch(frame -> begins(frame, top));
    }

    /** The epoch of all that was heard, if the history is certain to be in a later one: what that does not have is lost. */
    private @Nullable String ended(StreamPosition start) {
        String here = (anew == null ? start : anew).epoch();
        return here.equals(since.epoch()) && live.stream().noneMatch(Recovery::begins) ? here : null;
    }

    /**
     * Whether the receiver has more of the epoch in which its subscription began than that epoch has. Then the history that was
     * read is in the next one, and the receiver has to be told of that: a position never goes back within its epoch.
     */
    private boolean isBehindItsOwn(StreamPosition start, StreamPosition top) {
        StreamPosition here = anew == null ? start : anew;
        return here.epoch().equals(since.epoch())
                && here.offset() < since.offset()
                && top.isSameLife(here)
                && !top.epoch().equals(here.epoch())
                && top.offset() >= here.offset()
                && live.stream().noneMatch(frame -> isBehind(frame, top));
    }

    /** What the receiver is told where its epoch ends, if no message says so. */
    private static EncodedMessage goesOn(ChannelSubscription subscription, StreamPosition top) {
        return EncodedMessage.of(
                new ServerFrame.Subscribed(null, subscription.channel(), top, true),
                subscription.fanout().channel().allocator());
    }

    /** A page has the newest epoch for all messages, also for those that the receiver's epoch has in common with it. */
    private List<Publication> ofTheirEpochs(HistoryPage page) {
        if (page.top().epoch().equals(since.epoch())) {
            return page.publications();
        }
        return page.publications().stream()
                .map(publication -> offset(publication) > page.kept()
                        ? publication
                        : new Publication(
                                publication.channel(),
                                publication.data(),
                                new StreamPosition(since.epoch(), offset(publication))))
                .toList();
    }

    private boolean isWhole(HistoryPage page) {
        StreamPosition top = page.top();
        if (!page.holds(since)) {
            return false;
        }
        List<Publication> missed = page.publications();
        if (missed.isEmpty()) {
            return top.offset() == since.offset();
        }
        long bytes = 0;
        for (Publication publication : missed) {
            bytes += publication.data().length;
        }
        return offset(missed.get(0)) == since.offset() + 1
                && offset(missed.get(missed.size() - 1)) == top.offset()
                && missed.size() == top.offset() - since.offset() // or the history has a hole
                && bytes <= limits.maxBytes().toBytes();
    }

    private static long offset(Publication publication) {
        StreamPosition position = publication.position();
        return position == null ? 0 : position.offset();
    }

    /** Whether the history up to {@code top} has it, too. */
    private static boolean isIn(EncodedMessage message, StreamPosition top) {
        ServerFrame event = message.event();
        if (event == null) {
            return message.offset() <= top.offset();
        }
        return begins(message, top) || (event instanceof ServerFrame.Gap gap && gap.to() <= top.offset());
    }

    /** Whether it is of an offset that the history up to {@code top} does not have. */
    private static boolean isBeyond(EncodedMessage message, StreamPosition top) {
        ServerFrame event = message.event();
        return event == null
                ? message.offset() > top.offset()
                : event instanceof ServerFrame.Gap gap && gap.to() > top.offset();
    }

    /** Whether an epoch begins with it. */
    private static boolean begins(EncodedMessage message) {
        return message.event() instanceof ServerFrame.Subscribed;
    }

    private static boolean begins(EncodedMessage message, StreamPosition top) {
        return message.event() instanceof ServerFrame.Subscribed restart
                && restart.position() != null
                && restart.position().epoch().equals(top.epoch());
    }

    /** Whether an epoch begins below {@code top}, which is of another one: then the history was read before that was lost. */
    private static boolean isBehind(EncodedMessage message, StreamPosition top) {
        return message.event() instanceof ServerFrame.Subscribed restart
                && restart.position() != null
                && !restart.position().epoch().equals(top.epoch())
                && restart.position().offset() < top.offset();
    }

    private Recovered unrecovered(ChannelSubscription subscription, StreamPosition start) {
        Recovered result =
                new Recovered(subscription, anew == null ? start : anew, false, List.of(), List.copyOf(live));
        live.clear();
        return result;
    }
}
