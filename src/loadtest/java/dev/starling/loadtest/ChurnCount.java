package dev.starling.loadtest;

import java.util.concurrent.atomic.AtomicInteger;

/** Closes who is connected, and counts who is closed. Thread-safe. */
final class ChurnCount implements ClientSink {

    private final AtomicInteger count = new AtomicInteger();

    int count() {
        return count.get();
    }

    @Override
    public void ready(Client client) {
        client.connection().leave();
    }

    @Override
    public void ended(Client client, Ending ending, boolean ready) {
        count.incrementAndGet();
    }
}
