package dev.starling.loadtest.check;

import dev.starling.loadtest.check.DeliveryFault.Kind;
import dev.starling.protocol.StreamPosition;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/** What is known of one channel. Any thread may call; its own lock guards it and its parts. */
final class ChannelLog {

    private final String name;
    private final Tally tally;
    private final Map<Integer, PublisherLog> publishers = new HashMap<>();
    private final Map<String, EpochLog> epochs = new LinkedHashMap<>();
    private final List<Handover> handovers = new ArrayList<>();
    private @Nullable EpochLog current;
    private long unpositioned;

    /** A subscriber was told that {@code from} and {@code to} are the same up to this offset. */
    private record Handover(EpochLog from, EpochLog to, long last) {}

    ChannelLog(String name, Tally tally) {
        this.name = name;
        this.tally = tally;
    }

    String name() {
        return name;
    }

    synchronized void sent(int publisher, int sequence) {
        MessageId.of(publisher, sequence);
        if (publishers.computeIfAbsent(publisher, key -> new PublisherLog()).sent(sequence)) {
            tally.sent.increment();
        }
    }

    synchronized void acknowledged(int publisher, int sequence, @Nullable StreamPosition position) {
        long id = MessageId.of(publisher, sequence);
        if (!isSent(id)) {
            tally.fault(Kind.STRANGE, name, "", "acknowledged and never sent: " + MessageId.text(id));
            return;
        }
        if (publisher(id).acknowledged(sequence)) {
            tally.acknowledged.increment();
        }
        if (position == null) {
            unpositioned++;
        } else {
            // Publishers learn first of a new history, and are always told: the latest word is the best.
            EpochLog epoch = epoch(position.epoch());
            current = epoch;
            epoch.put(position.offset(), id);
        }
    }

    /** The incarnation of this name. */
    synchronized EpochLog epoch(String epoch) {
        return epochs.computeIfAbsent(epoch, key -> current = new EpochLog(key));
    }

    /** A subscriber was told this position. */
    synchronized EpochLog reached(StreamPosition position) {
        EpochLog epoch = epoch(position.epoch());
        epoch.reached(position.offset());
        return epoch;
    }

    /** A subscriber was told that it has lost nothing by going from one epoch to another at this offset. */
    synchronized void wentOn(EpochLog from, EpochLog to, long last) {
        Handover handover = new Handover(from, to, last);
        if (!handovers.contains(handover)) {
            handovers.add(handover);
        }
    }

    /** A subscriber got this message; returns whether anybody had sent it. */
    synchronized boolean seen(@Nullable EpochLog epoch, long offset, long id) {
        if (!isSent(id)) {
            return false;
        }
        if (epoch != null) {
            epoch.put(offset, id);
        }
        return true;
    }

    synchronized long top(EpochLog epoch) {
        return epoch.top();
    }

    synchronized boolean isCurrent(EpochLog epoch) {
        return epoch == current;
    }

    /** How far each publisher is. */
    synchronized Map<Integer, Integer> sentByPublisher() {
        Map<Integer, Integer> sent = new HashMap<>();
        publishers.forEach((publisher, log) -> sent.put(publisher, log.sent()));
        return sent;
    }

    /** How many acknowledged messages of a publisher after {@code from} are not among {@code received}. */
    synchronized int missing(int publisher, int from, BitSet received) {
        PublisherLog log = publishers.get(publisher);
        return log == null ? 0 : log.missing(from, received);
    }

    /** Whether the publisher sent it more than once. */
    synchronized boolean isRepeated(long id) {
        return isSent(id) && publisher(id).isRepeated(MessageId.sequence(id));
    }

    /** Adds what can be said only at the end. */
    synchronized void audit(Tally all) {
        if (epochs.isEmpty()) {
            return;
        }
        if (unpositioned > 0) {
            all.fault(Kind.WRONG_POSITION, name, "", unpositioned + " acknowledged without a position");
        }
        epochs.values().forEach(epoch -> auditEpoch(epoch, all));
        handovers.forEach(handover -> auditHandover(handover, all));
        auditPlaces(all);
    }

    private void auditHandover(Handover handover, Tally all) {
        handover.from().forEachPlace((offset, id) -> {
            long other = offset > handover.last() ? 0 : handover.to().get(offset);
            if (other != 0 && other != id) {
                String detail = handover.from().name() + " went on as " + at(handover.to(), offset, id);
                all.fault(Kind.ALTERED, name, "", detail);
            }
        });
    }

    private void auditEpoch(EpochLog epoch, Tally all) {
        if (epoch != current) {
            all.rewritten.add(epoch.conflicts().size());
        } else {
            epoch.conflicts().forEach((offset, id) -> all.fault(Kind.ALTERED, name, "", at(epoch, offset, id)));
        }
        long unknown =
                publishers.values().stream().mapToLong(PublisherLog::unknown).sum();
        if (epoch == current && epoch.holes() > unknown) {
            all.fault(Kind.HOLE, name, "", epoch.holes() + " offsets of " + epoch.name() + " for nobody's message");
        }
        Map<Integer, Long> last = new HashMap<>();
        epoch.forEach(id -> {
            long before = last.getOrDefault(MessageId.publisher(id), 0L);
            if (id < before && !isRepeated(id)) {
                all.fault(Kind.OUT_OF_ORDER, name, "", MessageId.text(id) + " after " + MessageId.text(before));
            }
            last.put(MessageId.publisher(id), Math.max(before, id));
        });
    }

    private String at(EpochLog epoch, long offset, long id) {
        return epoch.name() + "/" + offset + " is " + MessageId.text(epoch.get(offset)) + " and " + MessageId.text(id);
    }

    /** A message has one place; but what was sent again may have one in a replaced history and one in the next. */
    private void auditPlaces(Tally all) {
        LongStream.Builder everywhere = LongStream.builder();
        for (EpochLog epoch : epochs.values()) {
            LongStream.Builder here = LongStream.builder();
            LongStream.Builder own = LongStream.builder();
            epoch.forEachPlace((offset, id) -> {
                here.add(id);
                if (!isRepeated(id) && !isShared(epoch, offset, id)) {
                    own.add(id);
                }
            });
            auditPlaces(all, here.build().toArray(), " twice in " + epoch.name());
            own.build().distinct().forEach(everywhere);
        }
        auditPlaces(all, everywhere.build().toArray(), " in two histories");
    }

    /** Whether an earlier epoch of the same life has the message in the same place. */
    private boolean isShared(EpochLog epoch, long offset, long id) {
        StreamPosition place = new StreamPosition(epoch.name(), offset);
        for (EpochLog other : epochs.values()) {
            if (other == epoch) {
                return false;
            }
            if (other.get(offset) == id && place.isSameLife(new StreamPosition(other.name(), offset))) {
                return true;
            }
        }
        return false;
    }

    private void auditPlaces(Tally all, long[] ids, String where) {
        Arrays.sort(ids);
        for (int i = 1; i < ids.length; i++) {
            if (ids[i] == ids[i - 1]) {
                all.fault(Kind.PUBLISHED_TWICE, name, "", MessageId.text(ids[i]) + where);
            }
        }
    }

    private boolean isSent(long id) {
        PublisherLog log = publishers.get(MessageId.publisher(id));
        return log != null && MessageId.sequence(id) <= log.sent();
    }

    private PublisherLog publisher(long id) {
        PublisherLog log = publishers.get(MessageId.publisher(id));
        if (log == null) {
            throw new IllegalStateException("never sent: " + MessageId.text(id));
        }
        return log;
    }
}
