package dev.starling.journey;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/** Texts in the order in which they came. One thread adds, any thread looks, waits and takes. */
final class Inbox {

    private final List<String> texts = new ArrayList<>();
    private boolean ended;

    synchronized void add(String text) {
        texts.add(text);
        notifyAll();
    }

    /** Nothing more will come. */
    synchronized void end() {
        ended = true;
        notifyAll();
    }

    /** A copy of what is there. */
    synchronized List<String> all() {
        return List.copyOf(texts);
    }

    /** Empties the inbox. */
    synchronized List<String> takeAll() {
        List<String> all = List.copyOf(texts);
        texts.clear();
        return all;
    }

    /** The first text that matches, waiting up to {@code bound} for it; it stays. */
    String find(Predicate<String> wanted, Duration bound) {
        return await(wanted, bound, false);
    }

    /** The same, but it is taken out. */
    String take(Predicate<String> wanted, Duration bound) {
        return await(wanted, bound, true);
    }

    private synchronized String await(Predicate<String> wanted, Duration bound, boolean remove) {
        long deadline = System.nanoTime() + bound.toNanos();
        int next = 0;
        try {
            while (true) {
                for (; next < texts.size(); next++) {
                    if (wanted.test(texts.get(next))) {
                        return remove ? texts.remove(next) : texts.get(next);
                    }
                }
                long leftMillis = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
                if (ended || leftMillis <= 0) {
                    throw new AssertionError(
                            (ended ? "ended without such a text: " : "no such text within " + bound + ": ") + texts);
                }
                wait(leftMillis);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        }
    }

    /** Waits until nothing more will come, at most {@code bound}. */
    synchronized void awaitEnd(Duration bound) {
        long deadline = System.nanoTime() + bound.toNanos();
        try {
            while (!ended) {
                long leftMillis = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
                if (leftMillis <= 0) {
                    throw new AssertionError("no end within " + bound + ": " + texts);
                }
                wait(leftMillis);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        }
    }
}
