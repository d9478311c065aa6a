package dev.starling.loadtest;

import dev.starling.loadtest.check.DeliveryChecker;
import dev.starling.loadtest.check.MessageId;
import dev.starling.loadtest.check.SubscriberLog;
import dev.starling.loadtest.client.ChannelPlan;
import dev.starling.loadtest.client.Client;
import dev.starling.loadtest.client.ClientLoops;
import dev.starling.loadtest.client.Ending;
import dev.starling.loadtest.client.LoopDesk;
import dev.starling.loadtest.client.Population;
import dev.starling.loadtest.client.ServerText;
import dev.starling.loadtest.client.Tokens;
import dev.starling.loadtest.client.Words;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/** Subscribers that come back whenever they may, asking for what they missed, and tell the checker what they get. */
final class CheckedReaders implements Client.Sink {

    private static final long FIRST_BACKOFF_MILLIS = 100;
    private static final long LONGEST_BACKOFF_MILLIS = 10_000;
    private static final int MOST_DOUBLINGS = 10;

    private final Population population;
    private final SubscriberLog[] logs;
    private final byte[] attempts;
    private final Map<String, LongAdder> endings = new ConcurrentHashMap<>();
    private final GoawayLog goaways;
    private final LongAdder recovered = new LongAdder();
    private final LongAdder unrecovered = new LongAdder();
    private final boolean leavesOnGoaway;
    private volatile boolean returning = true;

    /** @param leavesOnGoaway whether there is another node to go to */
    CheckedReaders(
            ClientLoops loops,
            DeliveryChecker checker,
            ChannelPlan plan,
            int size,
            Population.Pace pace,
            Tokens tokens,
            boolean leavesOnGoaway) {
        this.population = new Population(loops, size, plan, pace, tokens, this);
        this.leavesOnGoaway = leavesOnGoaway;
        this.logs = new SubscriberLog[size];
        this.attempts = new byte[size];
        this.goaways = new GoawayLog(size);
        for (int i = 0; i < size; i++) {
            logs[i] = checker.subscriber("client " + i);
        }
    }

    Population population() {
        return population;
    }

    /** From now on who is cut stays away. */
    void stayAway() {
        returning = false;
    }

    @Override
    public String subscribe(Client client, String channel) {
        var position = logs[client.number()].position(channel);
        String recover = position == null
                ? ""
                : ",\"recover\":{\"epoch\":\"" + position.epoch() + "\",\"offset\":" + position.offset() + "}";
        return "{\"type\":\"subscribe\",\"channel\":\"" + channel + "\"" + recover + "}";
    }

    @Override
    public void message(Client client, LoopDesk desk, ServerText frame) {
        desk.deliver();
        long publisher = frame.number(Words.PUBLISHER);
        long sequence = frame.number(Words.SEQUENCE);
        long intended = frame.number(Words.INTENDED);
        if (!MessageId.isOne(publisher, sequence) || intended == ServerText.NONE) {
            logs[client.number()].strange(frame.text(Words.CHANNEL), "not of this run");
            return;
        }
        desk.record(intended);
        logs[client.number()].message(
                frame.text(Words.CHANNEL), Math.max(0, frame.number(Words.OFFSET)), (int) publisher, (int) sequence);
    }

    @Override
    public void other(Client client, LoopDesk desk, ServerText frame) {
        if (frame.is(Words.SUBSCRIBED)) {
            subscribed(client, frame);
        } else if (frame.is(Words.GAP)) {
            logs[client.number()].gap(frame.text(Words.CHANNEL), frame.number(Words.FROM), frame.number(Words.TO));
        } else if (frame.is(Words.GOAWAY)) {
            goaways.told(client, desk, frame, leavesOnGoaway);
        }
    }

    private void subscribed(Client client, ServerText frame) {
        @Nullable Boolean answer = recovered(frame);
        if (answer != null) {
            (answer ? recovered : unrecovered).increment();
        }
        logs[client.number()].subscribed(frame.text(Words.CHANNEL), CheckedPublishing.position(frame), answer);
    }

    private static @Nullable Boolean recovered(ServerText frame) {
        return frame.has(Words.RECOVERED, Words.TRUE)
                ? Boolean.TRUE
                : frame.has(Words.RECOVERED, Words.FALSE) ? Boolean.FALSE : null;
    }

    @Override
    public void ready(Client client) {
        attempts[client.number()] = 0;
    }

    @Override
    public void ended(Client client, Ending ending, boolean ready) {
        int number = client.number();
        logs[number].disconnected();
        endings.computeIfAbsent((ending.asked() ? "left: " : "") + ending.reason(), key -> new LongAdder())
                .increment();
        boolean told = goaways.ended(client, ending, ready);
        if (returning && ending.mayReturn()) {
            population.reconnect(client, told && ready ? 0 : delayMillis(number, ending));
        }
    }

    private long delayMillis(int number, Ending ending) {
        long backoff = Math.min(LONGEST_BACKOFF_MILLIS, FIRST_BACKOFF_MILLIS << attempts[number]);
        attempts[number] = (byte) Math.min(MOST_DOUBLINGS, attempts[number] + 1);
        long jitter = ThreadLocalRandom.current().nextLong(backoff + 1);
        // All were told the same: the jitter keeps them from coming back together.
        return ending.retryAfterSeconds() * 1000L + jitter;
    }

    /** What comes of cuts is no failure: they come back. */
    @Override
    public boolean excuses(Client client, Ending ending) {
        return true;
    }

    Map<String, Long> endings() {
        Map<String, Long> sums = new TreeMap<>();
        endings.forEach((key, count) -> sums.put(key, count.sum()));
        return sums;
    }

    GoawayLog goaways() {
        return goaways;
    }

    long recovered() {
        return recovered.sum();
    }

    long unrecovered() {
        return unrecovered.sum();
    }
}
