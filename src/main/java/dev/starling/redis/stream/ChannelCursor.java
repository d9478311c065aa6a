package dev.starling.redis.stream;

import dev.starling.broker.HistoryPage;
import dev.starling.protocol.Arrival;
import dev.starling.protocol.ChannelName;
import dev.starling.protocol.Hole;
import dev.starling.protocol.Publication;
import dev.starling.protocol.Restart;
import dev.starling.protocol.StreamPosition;
import java.util.ArrayDeque;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * How far this node has come in the history of one channel, and what it has to ask for where live messages leave
 * something out. It hands on each message once and in order, or a {@link Hole} or a {@link Restart} in place of what
 * cannot be had any more, or where another epoch goes on with the count. It only decides: whoever owns it tells it what came, and does what {@link #wish()} says, one
 * wish at a time. Owned by the thread of its channel's lane.
 *
 * <p>Redis adds to the history and sends the live message in one step. So a read that is asked for after a live message
 * came has that message too, or else the message is of a past that is gone: what came before a read need not be kept,
 * only what comes during it.
 */
final class ChannelCursor {

    /** What a cursor needs from Redis before it can go on. */
    enum Wish {
        /** Nothing: the next live message will do. */
        NONE,
        /** A page of the history from {@link #position()} on, that message included. */
        READ,
        /** A new epoch in place of that of {@link #position()}: the history has forgotten what was handed on. */
        RESTART
    }

    /** What a message takes beside its data. */
    private static final int OVERHEAD = 128;

    private enum State {
        LIVE,
        READ_WANTED,
        READING,
        RESTART_WANTED,
        RESTARTING
    }

    private final ChannelName channel;
    private final int bufferBytes;
    private final Consumer<Arrival> out;
    private State state = State.READ_WANTED;

    /** Null until the first page. */
    private @Nullable String epoch;

    private long offset;

    /** Whether there was a message of the offset; else Redis had it no more, and any that is there later is another. */
    private boolean fingerprinted;

    private int fingerprint;

    /** Whether a live message of the offset now or below can be of before the last read, hence no surprise. */
    private boolean settling = true;

    /** Whether something came during the read that it may not have, and that is not in the buffer. */
    private boolean again;

    /** What came during the read. */
    private @Nullable ArrayDeque<Publication> buffer;

    private int buffered;

    /**
     * @param bufferBytes live messages kept during a read; what is beyond is read again
     * @param out takes what this node hears; called within the methods below
     */
    ChannelCursor(ChannelName channel, int bufferBytes, Consumer<Arrival> out) {
        this.channel = channel;
        this.bufferBytes = bufferBytes;
        this.out = out;
    }

    Wish wish() {
        return switch (state) {
            case READ_WANTED -> Wish.READ;
            case RESTART_WANTED -> Wish.RESTART;
            case LIVE, READING, RESTARTING -> Wish.NONE;
        };
    }

    /** Whether there was no page yet. */
    boolean isNew() {
        return epoch == null;
    }

    /** The last place that was handed on, or that the next message follows; null until the first page. */
    @Nullable
    StreamPosition position() {
        return epoch == null ? null : new StreamPosition(epoch, offset);
    }

    /** A live message of this channel, which has a position; whether it was handed on. */
    boolean message(Publication publication, StreamPosition position) {
        if (state == State.LIVE) {
            return live(publication, position);
        }
        if (state == State.READING) {
            keep(publication);
        } // else the read that is wanted will have it
        return false;
    }

    private boolean live(Publication publication, StreamPosition position) {
        if (position.offset() == offset + 1 && position.epoch().equals(epoch)) {
            settling = false;
            emit(publication, position.offset());
            return true;
        }
        if (!isKnown(publication, position)) {
            state = State.READ_WANTED;
        }
        return false;
    }

    /**
     * Whether a live message that is not the next one is but late. An offset comes twice also when somebody has changed the history
     * by hand; then only reading tells.
     */
    private boolean isKnown(Publication publication, StreamPosition position) {
        if (!position.epoch().equals(epoch) || position.offset() > offset || !settling) {
            return false;
        }
        return position.offset() < offset || isLast(publication);
    }

    private void keep(Publication publication) {
        if (again) {
            return;
        }
        buffered += publication.data().length + OVERHEAD;
        if (buffered > bufferBytes) {
            again = true;
            return;
        }
        if (buffer == null) {
            buffer = new ArrayDeque<>();
        }
        buffer.add(publication);
    }

    /** Live messages may have been missed up to now. */
    void missed() {
        if (state == State.LIVE) {
            state = State.READ_WANTED;
        } else if (state == State.READING) {
            again = true;
        }
    }

    /** The wish is being fulfilled from now on. */
    void asked() {
        clear();
        state = state == State.RESTART_WANTED ? State.RESTARTING : State.READING;
    }

    /** It could not be. */
    void failed() {
        clear();
        state = State.READ_WANTED;
    }

    /** There is a new epoch, by this node or another one. */
    void restarted() {
        state = State.READ_WANTED;
    }

    /** The page that was wished for; whether it brought anything. */
    boolean page(HistoryPage page) {
        StreamPosition top = page.top();
        String oldEpoch = epoch;
        long oldOffset = offset;
        if (epoch == null) {
            begin(top, page);
        } else if (!page.holds(position())) {
            restart(top, page);
        } else if (isReplaced(page)) {
            state = State.RESTART_WANTED;
            return false;
        } else {
            follow(page);
        }
        if (offset < top.offset()) {
            state = State.READ_WANTED;
        } else {
            goLive();
        }
        return offset != oldOffset || !Objects.equals(epoch, oldEpoch);
    }

    private void begin(StreamPosition top, HistoryPage page) {
        epoch = top.epoch();
        offset = top.offset();
        for (Publication publication : page.publications()) {
            if (offsetOf(publication) == offset) {
                remember(publication);
            }
        }
    }

    private void restart(StreamPosition top, HistoryPage page) {
        epoch = top.epoch();
        offset = page.publications().isEmpty()
                ? page.read()
                : offsetOf(page.publications().get(0)) - 1;
        fingerprinted = false;
        out.accept(new Restart(channel, new StreamPosition(top.epoch(), offset), false));
        page.publications().forEach(this::take);
    }

    private void follow(HistoryPage page) {
        long before = offset;
        for (Publication publication : page.publications()) {
            if (offsetOf(publication) > page.kept()) {
                enter(page);
            }
            take(publication);
        }
        // If nothing was read, the history no longer has what comes next.
        long read = page.read() > before ? page.read() : page.top().offset();
        if (read > offset) {
            skipTo(Math.min(read, page.kept()));
            if (read >= page.kept()) {
                enter(page);
            }
            skipTo(read);
        } else if (offset == page.kept()) {
            enter(page);
        }
    }

    /** Goes on with the epoch of the page where the one before ends, unless it is the same. */
    private void enter(HistoryPage page) {
        StreamPosition top = page.top();
        if (!top.epoch().equals(epoch)) {
            skipTo(page.kept());
            epoch = top.epoch();
            out.accept(new Restart(channel, new StreamPosition(epoch, offset), true));
        }
    }

    /** Whether the history has another message in place of the last one, without a word: somebody has changed it by hand. */
    private boolean isReplaced(HistoryPage page) {
        for (Publication publication : page.publications()) {
            if (offsetOf(publication) == offset) {
                return !isLast(publication);
            }
        }
        return false;
    }

    private void take(Publication publication) {
        long next = offsetOf(publication);
        if (next > offset) {
            skipTo(next - 1);
            emit(ofThisEpoch(publication), next);
        }
    }

    /** The page has its own epoch for all messages, also for those that this epoch has in common with it. */
    private Publication ofThisEpoch(Publication publication) {
        StreamPosition position = positionOf(publication);
        return epoch == null || position.epoch().equals(epoch)
                ? publication
                : new Publication(channel, publication.data(), new StreamPosition(epoch, position.offset()));
    }

    private void skipTo(long last) {
        if (last > offset) {
            out.accept(new Hole(channel, offset + 1, last));
            offset = last;
            fingerprinted = false;
        }
    }

    private void goLive() {
        ArrayDeque<Publication> kept = buffer;
        boolean dropped = again;
        clear();
        settling = true;
        state = State.LIVE;
        if (kept != null) {
            kept.forEach(publication -> message(publication, positionOf(publication)));
        }
        if (dropped) {
            missed();
        }
    }

    private void clear() {
        buffer = null;
        buffered = 0;
        again = false;
    }

    private void emit(Publication publication, long next) {
        offset = next;
        remember(publication);
        out.accept(publication);
    }

    private void remember(Publication publication) {
        fingerprint = fingerprintOf(publication.data());
        fingerprinted = true;
    }

    /** Whether this is the message of the offset, as far as that is known. */
    private boolean isLast(Publication publication) {
        return fingerprinted && fingerprint == fingerprintOf(publication.data());
    }

    private static int fingerprintOf(byte[] data) {
        CRC32C sum = new CRC32C();
        sum.update(data);
        return (int) sum.getValue();
    }

    private static long offsetOf(Publication publication) {
        return positionOf(publication).offset();
    }

    private static StreamPosition positionOf(Publication publication) {
        return Objects.requireNonNull(publication.position(), "a message of the history has a position");
    }
}
