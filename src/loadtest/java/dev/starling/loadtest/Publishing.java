package dev.starling.loadtest;

import dev.starling.loadtest.client.ChannelPlan;
import dev.starling.loadtest.client.Client;
import dev.starling.loadtest.client.ClientLoops;
import dev.starling.loadtest.client.FrameReader;
import dev.starling.loadtest.client.LoopDesk;
import dev.starling.loadtest.client.Population;
import dev.starling.loadtest.client.ServerText;
import dev.starling.loadtest.client.Tokens;
import dev.starling.loadtest.client.Words;
import java.util.BitSet;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import org.HdrHistogram.Histogram;

/**
 * Publishes to channels in turn, each channel by one publisher: at a rate whatever comes back, or so many at a time. The
 * first event loop owns it; {@link #completed} may be called by any.
 */
final class Publishing implements Client.Sink {

    /**
     * What was published, by channel.
     *
     * @param sent how many messages, and the highest sequence number
     * @param refusals the sequence numbers of those that the server refused
     * @param subscribers how many are to get each
     */
    record Books(int[] sent, Map<Integer, BitSet> refusals, long[] subscribers) {

        BitSet refusals(int channel) {
            return refusals.getOrDefault(channel, new BitSet());
        }

        /** How many deliveries all that was published makes. */
        long expected() {
            long expected = 0;
            for (int channel = 0; channel < sent.length; channel++) {
                expected += sent[channel] * subscribers[channel];
            }
            for (Map.Entry<Integer, BitSet> refused : refusals.entrySet()) {
                expected -= refused.getValue().cardinality() * subscribers[refused.getKey()];
            }
            return expected;
        }
    }

    /**
     * How to publish.
     *
     * @param rate messages per second; 0 = by {@code inFlight}
     * @param inFlight how many may be under way; a message is, until all its subscribers have it, or without any the answer is here
     * @param messages after how many to stop; 0 = never
     * @param payloadBytes size of {@code data}
     * @param acknowledged whether to ask for answers
     */
    record Course(double rate, int inFlight, long messages, int payloadBytes, boolean acknowledged) {}

    /** Beyond it, two messages would share a place in the books. */
    static final int MAX_IN_FLIGHT = 1 << 15;

    private static final int RING = 1 << 16;

    private final Course course;
    private final ChannelPlan plan;
    private final long[] subscribers;
    private final Population publishers;
    private final PublishFrame frame;
    private final int[] sequences;
    private final AtomicIntegerArray remaining = new AtomicIntegerArray(RING);
    private final long[] intended = new long[RING];
    private final AtomicLong completed = new AtomicLong();
    private final Map<Integer, BitSet> refusals = new TreeMap<>();
    private final Histogram answers = new Histogram(3_600_000_000_000L, 3);
    private volatile long published;
    private final LongAdder acknowledged = new LongAdder();
    private final LongAdder refused = new LongAdder();
    private final LongAdder stalls = new LongAdder();
    private volatile boolean running;
    private volatile long countedFromNanos = Long.MAX_VALUE;
    private boolean pumping;
    private long beginNanos;
    private long forgiven;

    /** @param clients how many subscribers there are */
    Publishing(ClientLoops loops, Course course, ChannelPlan plan, int clients, Spec spec) {
        this.course = course;
        this.plan = plan;
        this.sequences = new int[plan.channels()];
        this.subscribers = new long[plan.channels()];
        for (int i = 0; i < subscribers.length; i++) {
            subscribers[i] = plan.subscribers(i, clients);
        }
        this.frame = new PublishFrame(plan, course.payloadBytes(), course.acknowledged());
        this.publishers = new Population(loops, spec.publishers(), ChannelPlan.NONE, spec.pace(), spec.tokens(), this);
    }

    /**
     * Who publishes.
     *
     * @param publishers how many connections publish
     */
    record Spec(int publishers, Population.Pace pace, Tokens tokens) {}

    Population publishers() {
        return publishers;
    }

    /** Begins. Any thread may call. */
    void start() {
        running = true;
        publishers.driver().execute(() -> {
            beginNanos = System.nanoTime();
            pump();
        });
    }

    /** Ends; what is under way stays so. Any thread may call. */
    void stop() {
        running = false;
        publishers.driver().submit(() -> {}).syncUninterruptibly();
    }

    /** From now on answers count: the warm-up is over. */
    void count() {
        countedFromNanos = System.nanoTime();
    }

    private void pump() {
        pumping = false;
        if (!running || isDone() || publishers.size() == 0) {
            return;
        }
        long now = System.nanoTime();
        long first = published;
        if (course.rate() > 0) {
            long due = 1 + (long) ((now - beginNanos) / 1e9 * course.rate());
            while (published < due && published - first < RING / 4 && !isDone()) {
                publish(intended(published));
            }
        } else {
            while (published < completed.get() + forgiven + course.inFlight() && !isDone()) {
                publish(now);
            }
        }
        flush(first);
        schedule();
    }

    private boolean isDone() {
        return course.messages() > 0 && published >= course.messages();
    }

    /** Whether all are out that there shall be. */
    boolean hasPublishedAll() {
        return isDone();
    }

    private long intended(long message) {
        return beginNanos + (long) (message / course.rate() * 1e9);
    }

    private void schedule() {
        if (course.rate() > 0) {
            pumping = true;
            long wait = Math.max(0, intended(published) - System.nanoTime());
            publishers.driver().schedule(this::pump, wait, TimeUnit.NANOSECONDS);
        }
    }

    private void publish(long intendedNanos) {
        long message = published;
        int channel = (int) (message % plan.channels());
        int publisher = channel % publishers.size();
        int slot = (int) (message & (RING - 1));
        remaining.set(slot, (int) subscribers[channel]);
        intended[slot] = intendedNanos;
        frame.write(publisher, channel, ++sequences[channel], intendedNanos, message);
        publishers.client(publisher).connection().write(FrameReader.TEXT, frame.bytes(), 0, frame.length());
        published = message + 1;
    }

    private void flush(long first) {
        long count = Math.min(published - first, Math.max(plan.channels(), publishers.size()));
        for (long message = first; message < first + count; message++) {
            publishers
                    .client((int) (message % plan.channels()) % publishers.size())
                    .connection()
                    .flush();
        }
    }

    /** One subscriber has a message. Any loop may call. */
    void delivered(int channel, int sequence) {
        if (course.rate() == 0) {
            long message = (long) (sequence - 1) * plan.channels() + channel;
            if (remaining.decrementAndGet((int) (message & (RING - 1))) == 0) {
                completed();
            }
        }
    }

    private void completed() {
        completed.incrementAndGet();
        var loop = publishers.driver();
        if (!loop.inEventLoop()) {
            loop.execute(this::pumpSoon);
        } else {
            pumpSoon();
        }
    }

    /** After all that was read in this turn: what is due then goes out in one go. */
    private void pumpSoon() {
        if (!pumping && course.rate() == 0) {
            pumping = true;
            publishers.driver().execute(this::pump);
        }
    }

    /** Takes all that is under way for lost, so that a closed loop goes on. Any thread may call. */
    void forgive() {
        stalls.increment();
        publishers.driver().execute(() -> {
            forgiven = published - completed.get();
            pumpSoon();
        });
    }

    @Override
    public void other(Client client, LoopDesk desk, ServerText text) {
        if (text.is(Words.PUBLISHED)) {
            acknowledged.increment();
            answered(desk, text.number(Words.ID));
        } else if (text.is(Words.ERROR)) {
            long id = text.number(Words.ID);
            refused.increment();
            if (id >= 0) {
                int channel = (int) (id % plan.channels());
                refusals.computeIfAbsent(channel, key -> new BitSet()).set((int) (id / plan.channels()) + 1);
                answered(desk, id);
            }
        }
    }

    private void answered(LoopDesk desk, long id) {
        if (id < 0 || id >= published) {
            return;
        }
        // At a rate there may be more without an answer than the ring has places.
        long since = course.rate() > 0 ? intended(id) : intended[(int) (id & (RING - 1))];
        if (since >= countedFromNanos) {
            answers.recordValue(Math.max(0, desk.nowNanos() - since));
        }
        if (subscribers[(int) (id % plan.channels())] == 0) {
            completed();
        }
    }

    long published() {
        return published;
    }

    /** Whether each has its answer, if answers were asked for. */
    boolean isAnswered() {
        return !course.acknowledged() || acknowledged.sum() + refused.sum() >= published;
    }

    long completedCount() {
        return completed.get();
    }

    /** Times from the intended sending to the answer. Any thread but the event loops may ask. */
    Histogram answers() {
        return ask(answers::copy);
    }

    /** What was published so far. Any thread but the event loops may ask. */
    Books books() {
        return ask(() -> {
            Map<Integer, BitSet> copy = new TreeMap<>();
            refusals.forEach((channel, refused) -> copy.put(channel, (BitSet) refused.clone()));
            return new Books(sequences.clone(), copy, subscribers);
        });
    }

    private <T> T ask(Callable<T> question) {
        return publishers.driver().submit(question).syncUninterruptibly().getNow();
    }

    /** What results say of the publishers, and what of that is wrong. */
    void report(Verdict verdict, LoadOptions options) {
        long silent = course.acknowledged() ? published - acknowledged.sum() - refused.sum() : 0;
        verdict.result()
                .put("publisherErrors", publishers.errors())
                .put("publisherFailures", publishers.failures())
                .put("publishedInAll", published)
                .put("acknowledgedInAll", acknowledged.sum())
                .put("refusedInAll", refused.sum())
                .put("unanswered", silent)
                .put("stalls", stalls.sum());
        verdict.least("publishers", publishers.readiedInAll(), publishers.size())
                .most("failed publishers", publishers.failed(), options.maxFailures)
                .most("refused publishes", refused.sum(), options.maxLoss)
                .most("unanswered publishes", silent, options.maxLoss)
                .most("stalls of a closed loop", stalls.sum(), options.maxLoss);
    }
}
