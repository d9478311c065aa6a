package dev.starling.loadtest.client;

import dev.starling.loadtest.check.SequenceTrack;
import org.jspecify.annotations.Nullable;

/** One simulated user: connects, waits for {@code welcome}, subscribes. Its event loop owns it. */
public final class Client implements ClientConnection.Events {

    /** What a scenario makes of what its clients hear. On the client's event loop; frames are valid until the call returns. */
    public interface Sink {

        /** A {@code message} frame. */
        default void message(Client client, LoopDesk desk, ServerText frame) {}

        /** Any other frame but {@code welcome}: answers, {@code error}, {@code goaway}, {@code gap}. */
        default void other(Client client, LoopDesk desk, ServerText frame) {}

        /** A {@code pong} frame, or the answer to a WebSocket ping. */
        default void pong(Client client, LoopDesk desk) {}

        /** The frame with which a client subscribes. */
        default String subscribe(Client client, String channel) {
            return "{\"type\":\"subscribe\",\"channel\":\"" + channel + "\"}";
        }

        /** Whether an ending that nobody here asked for is no failure. */
        default boolean excuses(Client client, Ending ending) {
            return false;
        }

        /** The client has all that it wanted: connected, and subscribed. */
        default void ready(Client client) {}

        /** The connection has ended; it had been ready if {@code ready}. */
        default void ended(Client client, Ending ending, boolean ready) {}
    }

    private final Population population;
    private final int number;
    private @Nullable ClientConnection connection;
    private @Nullable SequenceTrack track;
    private @Nullable Target avoided;
    private int awaited;
    private boolean welcomed;
    private boolean ready;
    private boolean over;

    Client(Population population, int number) {
        this.population = population;
        this.number = number;
    }

    public int number() {
        return number;
    }

    /** Its connection, once there is one. */
    public ClientConnection connection() {
        ClientConnection current = connection;
        if (current == null) {
            throw new IllegalStateException("never connected");
        }
        return current;
    }

    public boolean isReady() {
        return ready && !over;
    }

    /** Its next connections go elsewhere. */
    public void avoidThisNode() {
        avoided = connection().target();
    }

    boolean isConnected() {
        return connection != null && !over;
    }

    /** What it has got of its channels. */
    public SequenceTrack track() {
        SequenceTrack kept = track;
        if (kept == null) {
            kept = new SequenceTrack(
                    population.plan().first(number), population.plan().subscriptions());
            track = kept;
        }
        return kept;
    }

    /** Opens its connection, or the next one. */
    void connect(LoopDesk desk, @Nullable String token, long intendedNanos) {
        ClientLoops loops = population.loops();
        ClientConnection next = new ClientConnection(desk, loops.nextTarget(avoided), token, this, intendedNanos);
        connection = next;
        welcomed = false;
        ready = false;
        over = false;
        next.failAfter(population.timeoutMillis(), () -> late(next));
        loops.open(next);
    }

    private Ending late(ClientConnection which) {
        return Ending.of(!which.isUpgraded() ? "no answer" : welcomed ? "not subscribed in time" : "no welcome");
    }

    @Override
    public void frame(ClientConnection from, ServerText frame) {
        if (frame.is(Words.MESSAGE)) {
            population.sink().message(this, from.desk(), frame);
        } else if (frame.is(Words.PONG)) {
            population.sink().pong(this, from.desk());
        } else if (!welcomed && frame.is(Words.WELCOME)) {
            welcomed = true;
            population.established(from);
            subscribe(from);
        } else {
            if (!ready && frame.is(Words.SUBSCRIBED) && --awaited == 0) {
                readied();
            } else if (frame.is(Words.ERROR)) {
                population.error(frame.number(Words.CODE));
            }
            population.sink().other(this, from.desk(), frame);
        }
    }

    private void subscribe(ClientConnection to) {
        awaited = population.plan().subscriptions();
        for (int i = 0; i < awaited; i++) {
            to.write(population.sink().subscribe(this, population.plan().channel(number, i)));
        }
        to.flush();
        if (awaited == 0) {
            readied();
        }
    }

    private void readied() {
        ready = true;
        connection().inTime();
        population.readied(this);
    }

    @Override
    public void pong(ClientConnection from) {
        population.sink().pong(this, from.desk());
    }

    @Override
    public void ended(ClientConnection which, Ending ending) {
        if (which == connection) {
            over = true;
            population.ended(this, ending, ready);
        }
    }
}
