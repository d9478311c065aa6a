package dev.starling.redis.stream;

import static org.assertj.core.api.Assertions.assertThat;

import dev.starling.broker.HistoryPage;
import dev.starling.protocol.Arrival;
import dev.starling.protocol.ChannelName;
import dev.starling.protocol.Hole;
import dev.starling.protocol.Publication;
import dev.starling.protocol.Restart;
import dev.starling.protocol.StreamPosition;
import dev.starling.redis.stream.ChannelCursor.Wish;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/**
 * One channel in a Redis of a few lines, a lossy way from there to a cursor, and an oracle that sees both ends: everything
 * happens in an order drawn by lot.
 */
final class CursorSchedule {

    private static final ChannelName CHANNEL = new ChannelName("chat:1");
    private static final int STEPS = 150;
    private static final int KEPT = 8;
    private static final int PAGE = 3;

    private final Random random;
    private final String name;
    private final ChannelCursor cursor;

    // Redis
    private final List<Publication> history = new ArrayList<>();
    private String epoch = "a.1";
    private long top;

    /** The generations before, each with the last offset that still holds. */
    private final Map<String, Long> generations = new HashMap<>();

    private int generation = 1;

    /** Whether there is another master, which has not written yet. */
    private boolean promoted;

    /** All messages up to this offset have expired. */
    private long expired;

    private int published;
    private boolean connected = true;

    /** Whether messages may have been lost without any sign of it. */
    private boolean silent;

    /** What is on its way; something else than a publication means that some were missed. */
    private final Deque<Object> way = new ArrayDeque<>();

    private @Nullable Wish request;
    private @Nullable StreamPosition requestSince;
    private @Nullable Object answer;
    private long oldestRead;
    private int publishedAtRead;

    // What was handed on since the last hole or restart, and how many had been published when that was read.
    private final List<Publication> segment = new ArrayList<>();
    private int before;
    private @Nullable StreamPosition last;

    CursorSchedule(long seed) {
        random = new Random(seed);
        name = "schedule " + seed;
        cursor = new ChannelCursor(CHANNEL, 150 * (1 + random.nextInt(6)), this::handedOn);
    }

    void run() {
        for (int step = 0; step < STEPS; step++) {
            step();
        }
        connect();
        publish();
        settle();
        if (!silent) {
            checkTheEnd();
        }
        cursor.missed();
        settle();
        checkTheEnd();
    }

    private void step() {
        switch (random.nextInt(24)) {
            case 0, 1, 2, 3, 4, 5, 6 -> publish();
            case 7, 8, 9, 10, 11, 12 -> deliver();
            case 13, 14 -> ask();
            case 15, 16 -> execute();
            case 17, 18 -> answer();
            case 19 -> drop();
            case 20 -> disconnect();
            case 21 -> connect();
            case 22 -> failRequest();
            default -> disaster();
        }
    }

    private void publish() {
        if (published == 0 && random.nextBoolean()) {
            return;
        }
        if (promoted) {
            begin();
        }
        Publication publication = new Publication(
                CHANNEL,
                String.valueOf(++published).getBytes(StandardCharsets.UTF_8),
                new StreamPosition(epoch, ++top));
        history.add(publication);
        if (connected) {
            way.add(publication);
        }
    }

    private void deliver() {
        Object next = way.poll();
        if (next instanceof Publication publication) {
            cursor.message(publication, Objects.requireNonNull(publication.position()));
        } else if (next != null) {
            cursor.missed();
        }
    }

    /** A full lane: the loss is known before anything that comes later. */
    private void drop() {
        Object lost = way.pollLast();
        if (lost != null) {
            way.addFirst("missed");
        }
    }

    private void disconnect() {
        connected = false;
        int arrived = random.nextInt(way.size() + 1);
        while (way.size() > arrived) {
            way.removeLast();
        }
    }

    private void connect() {
        if (!connected) {
            connected = true;
            way.add("missed");
        }
    }

    private void disaster() {
        switch (random.nextInt(4)) {
            case 0 -> flush();
            case 1 -> loseTheTail();
            case 2 -> expired = top;
            default -> {
                // none
            }
        }
    }

    private void flush() {
        epoch = "x" + epoch;
        generations.clear();
        promoted = false;
        top = 0;
        expired = 0;
        history.clear();
    }

    /**
     * A failover: the new master has not got the last ones. Or somebody has deleted them by hand. Not seen by the link in half
     * of the cases.
     */
    private void loseTheTail() {
        boolean seen = random.nextBoolean();
        if (seen) {
            disconnect();
        }
        if (random.nextBoolean()) {
            promoted = true;
        } else {
            silent = silent || !seen;
        }
        long lost = Math.min(random.nextInt(3), Math.min(top, KEPT / 2));
        for (long i = 0; i < lost && !history.isEmpty(); i++) {
            history.remove(history.size() - 1);
            top--;
        }
        expired = Math.min(expired, top);
    }

    private void ask() {
        if (request == null && answer == null && cursor.wish() != Wish.NONE) {
            request = cursor.wish();
            requestSince = cursor.position();
            cursor.asked();
        }
    }

    private void execute() {
        if (request == Wish.READ) {
            answer = read(requestSince);
        } else if (request == Wish.RESTART && requestSince != null) {
            if (requestSince.epoch().equals(epoch)) {
                flush();
            }
            answer = "restarted";
        }
        request = null;
    }

    private HistoryPage read(@Nullable StreamPosition since) {
        long first = Math.max(expired, Math.max(0, top - KEPT)) + 1;
        if (since != null && since.epoch().equals(epoch) && since.offset() > top) {
            begin();
        }
        long limit = since == null || since.epoch().equals(epoch) ? top : generations.getOrDefault(since.epoch(), -1L);
        if (since == null) {
            first = Math.max(first, top);
        } else if (limit >= 0) {
            first = Math.max(first, since.offset() > limit ? limit + 1 : since.offset());
        } else if (since.isSameLife(new StreamPosition(epoch, top))) {
            first = top + 1;
        }
        long from = first;
        oldestRead = first;
        publishedAtRead = published;
        List<Publication> page = history.stream()
                .filter(publication -> offsetOf(publication) >= from)
                .limit(PAGE)
                .map(publication ->
                        new Publication(CHANNEL, publication.data(), new StreamPosition(epoch, offsetOf(publication))))
                .toList();
        return new HistoryPage(new StreamPosition(epoch, top), page, limit);
    }

    /** As generations.lua does it. */
    private void begin() {
        if (promoted) {
            generations.replaceAll((before, limit) -> Math.min(limit, top));
            generations.put(epoch, top);
        } else {
            generations.clear();
        }
        promoted = false;
        epoch = epoch.substring(0, epoch.indexOf('.') + 1) + ++generation;
    }

    private void answer() {
        Object given = answer;
        answer = null;
        if (given instanceof HistoryPage page) {
            if (last == null) {
                begin(page.top());
            } else if (isTrimmedTo(page)) {
                begin(Objects.requireNonNull(
                        last)); // the last one is gone: nothing can tell whether a failover lost it before
            }
            cursor.page(page);
        } else if (given != null) {
            cursor.restarted();
        }
    }

    private void begin(StreamPosition position) {
        segment.clear();
        before = publishedAtRead;
        last = position;
    }

    private boolean isTrimmedTo(HistoryPage page) {
        return last != null
                && page.holds(last)
                && (page.publications().isEmpty()
                        || offsetOf(page.publications().get(0)) > last.offset());
    }

    private static long offsetOf(Publication publication) {
        return Objects.requireNonNull(publication.position()).offset();
    }

    private static int numberOf(Publication publication) {
        return Integer.parseInt(new String(publication.data(), StandardCharsets.UTF_8));
    }

    private void failRequest() {
        if (request != null || answer != null) {
            request = null;
            answer = null;
            cursor.failed();
        }
    }

    private void settle() {
        for (int i = 0; i < 10_000 && !isSettled(); i++) {
            deliver();
            ask();
            execute();
            answer();
        }
        assertThat(isSettled()).as("%s comes to an end", name).isTrue();
    }

    private boolean isSettled() {
        return way.isEmpty() && request == null && answer == null && cursor.wish() == Wish.NONE;
    }

    private void handedOn(Arrival arrival) {
        StreamPosition after = Objects.requireNonNull(last, "nothing before the first page");
        if (arrival instanceof Publication publication) {
            StreamPosition position = Objects.requireNonNull(publication.position());
            assertThat(position).as(name).isEqualTo(new StreamPosition(after.epoch(), after.offset() + 1));
            segment.add(publication);
            last = position;
        } else if (arrival instanceof Hole hole) {
            assertThat(hole.from()).as(name).isEqualTo(after.offset() + 1);
            assertThat(hole.to()).as(name).isGreaterThanOrEqualTo(hole.from());
            assertThat(hole.to()).as("%s: a hole is what is gone", name).isLessThan(oldestRead);
            begin(new StreamPosition(after.epoch(), hole.to()));
        } else if (arrival instanceof Restart restart) {
            assertThat(restart.position().epoch()).as(name).isNotEqualTo(after.epoch());
            if (restart.recovered()) {
                assertThat(restart.position().offset()).as(name).isEqualTo(after.offset());
                last = restart.position();
            } else {
                begin(restart.position());
            }
        }
    }

    private void checkTheEnd() {
        assertThat(Objects.requireNonNull(last).offset()).as(name).isEqualTo(top);
        for (Publication publication : segment) {
            assertThat(texts(history))
                    .as("%s: no message of a lost past stands", name)
                    .contains(text(publication));
        }
        for (Publication publication : history) {
            if (numberOf(publication) > before) {
                assertThat(texts(segment))
                        .as("%s: no message stays unseen", name)
                        .contains(text(publication));
            }
        }
    }

    private static List<String> texts(List<Publication> publications) {
        return publications.stream().map(CursorSchedule::text).toList();
    }

    /** The offset and the message, whatever the epoch was called when it was read. */
    private static String text(Publication publication) {
        return offsetOf(publication) + ":" + numberOf(publication);
    }
}
