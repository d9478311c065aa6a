package dev.starling.loadtest;

import dev.starling.loadtest.check.DeliveryChecker;
import dev.starling.loadtest.client.ChannelPlan;
import dev.starling.loadtest.client.Client;
import dev.starling.loadtest.client.ClientLoops;
import dev.starling.loadtest.client.Ending;
import dev.starling.loadtest.client.FrameReader;
import dev.starling.loadtest.client.LoopDesk;
import dev.starling.loadtest.client.Population;
import dev.starling.loadtest.client.ServerText;
import dev.starling.loadtest.client.Words;
import dev.starling.protocol.StreamPosition;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/** Publishes at a rate to channels in turn, telling the checker. The first event loop owns it. */
final class CheckedPublishing implements Client.Sink {

    private record Sent(int channel, int sequence) {}

    private static final long RETURN_MILLIS = 200;

    private final DeliveryChecker checker;
    private final ChannelPlan plan;
    private final double rate;
    private final PublishFrame frame;
    private final int[] sequences;
    private final Map<Long, Sent> open = new HashMap<>();
    private final Population publishers;
    private volatile boolean running = true;
    private final LongAdder unsaid = new LongAdder();
    private final GoawayLog goaways;
    private long beginNanos;
    private long turn;

    CheckedPublishing(
            ClientLoops loops,
            DeliveryChecker checker,
            ChannelPlan plan,
            double rate,
            int payload,
            Publishing.Spec spec) {
        this.checker = checker;
        this.plan = plan;
        this.rate = rate;
        this.frame = new PublishFrame(plan, payload, true);
        this.sequences = new int[plan.channels()];
        this.goaways = new GoawayLog(spec.publishers());
        this.publishers = new Population(loops, spec.publishers(), ChannelPlan.NONE, spec.pace(), spec.tokens(), this);
    }

    Population publishers() {
        return publishers;
    }

    void start() {
        publishers.driver().execute(() -> {
            beginNanos = System.nanoTime();
            pump();
        });
    }

    void stop() {
        running = false;
        publishers.driver().submit(() -> {}).syncUninterruptibly();
    }

    private void pump() {
        if (!running) {
            return;
        }
        long due = 1 + (long) ((System.nanoTime() - beginNanos) / 1e9 * rate);
        while (turn < due) {
            publish((int) (turn % plan.channels()), intended());
            turn++;
        }
        long wait = Math.max(0, intended() - System.nanoTime());
        publishers.driver().schedule(this::pump, wait, TimeUnit.NANOSECONDS);
    }

    private long intended() {
        return beginNanos + (long) (turn / rate * 1e9);
    }

    private void publish(int channel, long intendedNanos) {
        int publisher = channel % publishers.size();
        Client client = publishers.client(publisher);
        if (!client.isReady()) {
            // On its way to another node: what it would have said meanwhile is not said.
            unsaid.increment();
            return;
        }
        int sequence = ++sequences[channel];
        checker.sent(plan.name(channel), publisher, sequence);
        open.put(turn, new Sent(channel, sequence));
        frame.write(publisher, channel, sequence, intendedNanos, turn);
        client.connection().write(FrameReader.TEXT, frame.bytes(), 0, frame.length());
        client.connection().flush();
    }

    @Override
    public void other(Client client, LoopDesk desk, ServerText text) {
        if (text.is(Words.PUBLISHED)) {
            Sent sent = open.remove(text.number(Words.ID));
            if (sent != null) {
                int publisher = sent.channel() % publishers.size();
                checker.acknowledged(plan.name(sent.channel()), publisher, sent.sequence(), position(text));
            }
        } else if (text.is(Words.ERROR)) {
            open.remove(text.number(Words.ID));
        } else if (text.is(Words.GOAWAY)) {
            goaways.told(client, desk, text, true);
        }
    }

    @Override
    public void ended(Client client, Ending ending, boolean ready) {
        // What became of them, nobody will say.
        open.values().removeIf(sent -> sent.channel() % publishers.size() == client.number());
        goaways.ended(client, ending, ready);
        if (running) {
            publishers.reconnect(client, RETURN_MILLIS);
        }
    }

    @Override
    public boolean excuses(Client client, Ending ending) {
        return true;
    }

    /** The position that a frame names; null if it names none. */
    static @Nullable StreamPosition position(ServerText text) {
        String epoch = text.text(Words.EPOCH);
        long offset = text.number(Words.OFFSET);
        return epoch.isEmpty() || offset < 0 ? null : new StreamPosition(epoch, offset);
    }

    GoawayLog goaways() {
        return goaways;
    }

    /** How many messages were not sent, since their publisher was not connected. */
    long unsaid() {
        return unsaid.sum();
    }

    /** How many publishes have no answer. */
    int unanswered() {
        return publishers.driver().submit(open::size).syncUninterruptibly().getNow();
    }
}
