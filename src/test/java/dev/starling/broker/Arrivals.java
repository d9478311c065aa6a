package dev.starling.broker;

import dev.starling.protocol.Publication;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/** Keeps what one node got, and notices if two signals came at a time. */
final class Arrivals implements Consumer<Publication> {

    private final Consumer<Publication> also;
    private final List<String> texts = new CopyOnWriteArrayList<>();
    private final AtomicInteger inside = new AtomicInteger();
    private volatile boolean overlapped;

    /** @param also what else the subscriber does with each */
    Arrivals(Consumer<Publication> also) {
        this.also = also;
    }

    @Override
    public void accept(Publication publication) {
        overlapped |= inside.incrementAndGet() > 1;
        texts.add(BrokerContract.text(publication));
        also.accept(publication);
        inside.decrementAndGet();
    }

    List<String> texts() {
        return texts;
    }

    boolean overlapped() {
        return overlapped;
    }
}
