package dev.starling.local;

import java.time.Duration;
import java.util.Arrays;

/** Messages to all clients, one at a time and eight at once, and what they cost the loops: the client's share included. */
final class Broadcasts {

    private static final Duration BOUND = Duration.ofMinutes(10);
    private static final int SOME = 20;
    private static final int ROUNDS = 9;
    private static final int AT_ONCE = 8;
    private static final String DATA = "\"" + "x".repeat(126) + "\"";

    private final LocalNode node;
    private final LocalLoops loops;
    private final Ear ear;
    private final int receivers;
    private final double[] cpuMicros = new double[ROUNDS];
    private final double[] wallMillis = new double[ROUNDS];
    private final double[] cpuMicrosAtOnce = new double[ROUNDS];

    Broadcasts(LocalNode node, LocalLoops loops, Ear ear, int receivers) {
        this.node = node;
        this.loops = loops;
        this.ear = ear;
        this.receivers = receivers;
    }

    /** A warm-up; how many messages each client gets. */
    int some() {
        for (int i = 0; i < SOME; i++) {
            send(1);
        }
        return SOME;
    }

    /** All of it; how many messages each client gets. */
    int all() {
        send(1);
        for (int i = 0; i < ROUNDS; i++) {
            long start = System.nanoTime();
            cpuMicros[i] = send(1);
            wallMillis[i] = (System.nanoTime() - start) / 1e6;
        }
        for (int i = 0; i < ROUNDS; i++) {
            cpuMicrosAtOnce[i] = send(AT_ONCE);
        }
        toRooms();
        return 1 + ROUNDS + ROUNDS * AT_ONCE + 1;
    }

    /** Microseconds of the loops for each delivery. */
    private double send(int messages) {
        long before = ear.messages.sum();
        long start = loops.cpuNanos();
        for (int i = 0; i < messages; i++) {
            node.publish(Ear.ALL, DATA);
        }
        await(before + (long) messages * receivers);
        return (loops.cpuNanos() - start) / 1e3 / messages / receivers;
    }

    private void toRooms() {
        long before = ear.messages.sum();
        for (int room = 0; room < Ear.ROOMS; room++) {
            node.publish(Ear.room(room), DATA);
        }
        await(before + receivers);
    }

    private void await(long messages) {
        Until.holds("all have the messages", BOUND, () -> ear.messages.sum() >= messages);
    }

    void tell() {
        LocalSessions.figure("delivery.micros", LocalSessions.median(cpuMicros));
        LocalSessions.figure(
                "delivery.micros.least", Arrays.stream(cpuMicros).min().orElseThrow());
        LocalSessions.figure("delivery.micros.eight", LocalSessions.median(cpuMicrosAtOnce));
        LocalSessions.figure("broadcast.millis", LocalSessions.median(wallMillis));
    }
}
